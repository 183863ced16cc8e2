import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { InviteServerTransaction } from './invite-server.ts';
import { defaultSipTimers } from './sip-timers.ts';

/** A number is a response of the user's, the rest comes from the network. */
type Input = [ms: number, what: number | 'INVITE' | 'ACK' | 'transport error'];

// biome-ignore format: a table
const cases: { name: string; reliable?: boolean; inputs: Input[]; does: string[] }[] = [
  {
    name: 'an INVITE that comes again gets the last provisional response again',
    inputs: [[100, 'INVITE'], [200, 100], [500, 'INVITE'], [600, 180], [1500, 'INVITE']],
    does: ['200 send 100', '500 send 100', '600 send 180', '1500 send 180'],
  },
  {
    name: 'a rejection over UDP is repeated up to T2 until the ACK, then I absorbs more ACKs',
    inputs: [[0, 486], [8000, 'ACK'], [8100, 'ACK'], [8200, 'INVITE']],
    does: ['0 send 486', '500 send 486', '1500 send 486', '3500 send 486', '7500 send 486',
      '13000 terminated'],
  },
  {
    name: 'a rejection without ACK ends after 64*T1',
    inputs: [[0, 486]],
    does: ['0 send 486', '500 send 486', '1500 send 486', '3500 send 486', '7500 send 486', '11500 send 486',
      '15500 send 486', '19500 send 486', '23500 send 486', '27500 send 486', '31500 send 486', '32000 terminated'],
  },
  {
    name: 'a rejection over TCP is not repeated',
    reliable: true,
    inputs: [[0, 486], [200, 'ACK']],
    does: ['0 send 486', '200 terminated'],
  },
  {
    name: 'an INVITE that comes again after a rejection gets it again',
    inputs: [[0, 486], [100, 'INVITE'], [200, 'ACK']],
    does: ['0 send 486', '100 send 486', '5200 terminated'],
  },
  {
    name: 'after a 200 INVITEs are absorbed, its retransmissions are the user\'s, ACKs go up (RFC 6026)',
    inputs: [[0, 200], [100, 'INVITE'], [500, 200], [600, 'ACK']],
    does: ['0 send 200', '500 send 200', '600 ack', '32000 terminated'],
  },
  {
    name: 'nothing may follow a final response',
    inputs: [[0, 486], [1, 200], [2, 180], [3, 'ACK']],
    does: ['0 send 486', '1 refused', '2 refused', '5003 terminated'],
  },
  {
    name: 'a 180 cannot follow a 200',
    inputs: [[0, 200], [1, 180], [2, 486]],
    does: ['0 send 200', '1 refused', '2 refused', '32000 terminated'],
  },
  {
    name: 'transport errors are told and change nothing (RFC 6026 section 8.7)',
    inputs: [[0, 180], [1, 'transport error'], [2, 200], [3, 'transport error']],
    does: ['0 send 180', '1 transportFailed', '2 send 200', '3 transportFailed', '32002 terminated'],
  },
];

for (const { name, reliable = false, inputs, does } of cases) {
  test(`INVITE server transaction: ${name}`, async () => {
    const clock = new VirtualClock();
    const done: string[] = [];
    const note = (what: string): void => void done.push(`${clock.now()} ${what}`);
    const transaction = new InviteServerTransaction<string>({
      clock,
      reliable,
      timers: defaultSipTimers,
      send: (response) => note(`send ${Buffer.from(response).toString()}`),
      sink: (event) => note(event.type),
    });
    for (const [ms, what] of inputs) {
      clock.setTimer(ms, () => {
        if (what === 'INVITE') transaction.receiveRequest();
        else if (what === 'ACK') transaction.receiveAck('ACK');
        else if (what === 'transport error') transaction.transportFailed(new Error('no route'));
        else if (!transaction.respond(what, Buffer.from(`${what}`))) note('refused');
      });
    }
    await clock.advance(120_000);
    assert.deepEqual(done, does);
    assert.equal(clock.pendingTimers, 0);
  });
}
