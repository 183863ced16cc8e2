import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { InviteClientTransaction } from './invite-client.ts';
import { defaultSipTimers } from './sip-timers.ts';

type Arrival = [ms: number, status: number | 'transport error' | 'abandon'];

/** Each row: what arrives when, and everything the transaction then does, to the millisecond. */
// biome-ignore format: a table
const cases: { name: string; reliable?: boolean; arrives: Arrival[]; does: string[] }[] = [
  {
    name: 'no response over UDP: retransmits with a doubling interval, gives up after 64*T1',
    arrives: [],
    does: ['0 INVITE', '500 INVITE', '1500 INVITE', '3500 INVITE', '7500 INVITE', '15500 INVITE', '31500 INVITE',
      '32000 timedOut', '32000 terminated'],
  },
  {
    name: 'no response over TCP: never retransmits',
    reliable: true,
    arrives: [],
    does: ['0 INVITE', '32000 timedOut', '32000 terminated'],
  },
  {
    name: 'ringing stops the retransmissions, without end',
    arrives: [[700, 180]],
    does: ['0 INVITE', '500 INVITE', '700 pass 180'],
  },
  {
    name: 'each provisional response goes up',
    arrives: [[100, 100], [200, 180], [300, 180], [400, 183]],
    does: ['0 INVITE', '100 pass 100', '200 pass 180', '300 pass 180', '400 pass 183'],
  },
  {
    name: 'a 2xx and its retransmissions go up for the user to ACK (RFC 6026)',
    arrives: [[100, 180], [200, 200], [700, 200]],
    does: ['0 INVITE', '100 pass 180', '200 pass 200', '700 pass 200', '32200 terminated'],
  },
  {
    name: 'a rejection is acknowledged here, each time it comes',
    arrives: [[100, 486], [600, 486]],
    does: ['0 INVITE', '100 ACK 486', '100 pass 486', '600 ACK 486', '32100 terminated'],
  },
  {
    name: 'a rejection over TCP leaves nothing to wait for',
    reliable: true,
    arrives: [[100, 486]],
    does: ['0 INVITE', '100 ACK 486', '100 pass 486', '100 terminated'],
  },
  {
    name: 'a late 180 after 200 is dropped',
    arrives: [[100, 200], [101, 180]],
    does: ['0 INVITE', '100 pass 200', '32100 terminated'],
  },
  {
    name: 'a 200 after a rejection is dropped',
    arrives: [[100, 486], [101, 200]],
    does: ['0 INVITE', '100 ACK 486', '100 pass 486', '32100 terminated'],
  },
  {
    name: 'a rejection after a 200 is dropped',
    arrives: [[100, 200], [101, 486]],
    does: ['0 INVITE', '100 pass 200', '32100 terminated'],
  },
  {
    name: 'a transport error while calling ends it',
    arrives: [[10, 'transport error'], [20, 180]],
    does: ['0 INVITE', '10 transportFailed', '10 terminated'],
  },
  {
    name: 'a transport error of the ACK ends it',
    arrives: [[100, 486], [101, 'transport error']],
    does: ['0 INVITE', '100 ACK 486', '100 pass 486', '101 transportFailed', '101 terminated'],
  },
  {
    name: 'a transport error after a 200 changes nothing',
    arrives: [[100, 200], [101, 'transport error']],
    does: ['0 INVITE', '100 pass 200', '32100 terminated'],
  },
  {
    name: 'abandoned, it says nothing any more',
    arrives: [[100, 180], [200, 'abandon']],
    does: ['0 INVITE', '100 pass 180'],
  },
];

for (const { name, reliable = false, arrives, does } of cases) {
  test(`INVITE client transaction: ${name}`, async () => {
    const clock = new VirtualClock();
    const done: string[] = [];
    const note = (what: string): void => void done.push(`${clock.now()} ${what}`);
    const transaction = new InviteClientTransaction<{ status: number }>({
      clock,
      reliable,
      timers: defaultSipTimers,
      sendRequest: () => note('INVITE'),
      sendAck: (response) => note(`ACK ${response.status}`),
      sink: (event) =>
        note(event.type === 'response' ? `pass ${event.response.status}` : event.type),
    });
    for (const [ms, what] of arrives) {
      clock.setTimer(ms, () => {
        if (what === 'transport error') transaction.transportFailed(new Error('no route'));
        else if (what === 'abandon') transaction.abandon();
        else transaction.receive({ status: what });
      });
    }
    await clock.advance(120_000);
    assert.deepEqual(done, does);
    assert.equal(clock.pendingTimers, 0);
  });
}
