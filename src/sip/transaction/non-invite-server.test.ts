import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { NonInviteServerTransaction } from './non-invite-server.ts';
import { defaultSipTimers } from './sip-timers.ts';

/** A number is a response of the user's, the rest comes from the network. */
type Input = [ms: number, what: number | 'request' | 'transport error'];

// biome-ignore format: a table
const cases: { name: string; reliable?: boolean; inputs: Input[]; does: string[] }[] = [
  {
    name: 'before any response a repeated request is absorbed',
    inputs: [[500, 'request'], [600, 200]],
    does: ['600 send 200', '32600 terminated'],
  },
  {
    name: 'a repeated request gets the final response again, for 64*T1',
    inputs: [[0, 200], [500, 'request'], [1500, 'request'], [32_100, 'request']],
    does: ['0 send 200', '500 send 200', '1500 send 200', '32000 terminated'],
  },
  {
    name: 'over TCP there is nothing to wait for',
    reliable: true,
    inputs: [[0, 200]],
    does: ['0 send 200', '0 terminated'],
  },
  {
    name: 'a provisional response is repeated for a repeated request',
    inputs: [[0, 182], [500, 'request'], [900, 200], [1500, 'request']],
    does: ['0 send 182', '500 send 182', '900 send 200', '1500 send 200', '32900 terminated'],
  },
  {
    name: 'only one final response goes out',
    inputs: [[0, 200], [1, 500], [2, 'request']],
    does: ['0 send 200', '1 refused', '2 send 200', '32000 terminated'],
  },
  {
    name: 'a transport error ends it',
    inputs: [[0, 200], [1, 'transport error'], [500, 'request']],
    does: ['0 send 200', '1 transportFailed', '1 terminated'],
  },
];

for (const { name, reliable = false, inputs, does } of cases) {
  test(`non-INVITE server transaction: ${name}`, async () => {
    const clock = new VirtualClock();
    const done: string[] = [];
    const note = (what: string): void => void done.push(`${clock.now()} ${what}`);
    const transaction = new NonInviteServerTransaction({
      clock,
      reliable,
      timers: defaultSipTimers,
      send: (response) => note(`send ${Buffer.from(response).toString()}`),
      sink: (event) => note(event.type),
    });
    for (const [ms, what] of inputs) {
      clock.setTimer(ms, () => {
        if (what === 'request') transaction.receiveRequest();
        else if (what === 'transport error') transaction.transportFailed(new Error('no route'));
        else if (!transaction.respond(what, Buffer.from(`${what}`))) note('refused');
      });
    }
    await clock.advance(120_000);
    assert.deepEqual(done, does);
    assert.equal(clock.pendingTimers, 0);
  });
}
