import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { NonInviteClientTransaction } from './non-invite-client.ts';
import { defaultSipTimers } from './sip-timers.ts';

type Arrival = [ms: number, status: number | 'transport error'];

// biome-ignore format: a table
const cases: { name: string; reliable?: boolean; arrives: Arrival[]; does: string[] }[] = [
  {
    name: 'no response over UDP: the interval doubles up to T2, 64*T1 is the end',
    arrives: [],
    does: ['0 BYE', '500 BYE', '1500 BYE', '3500 BYE', '7500 BYE', '11500 BYE', '15500 BYE', '19500 BYE',
      '23500 BYE', '27500 BYE', '31500 BYE', '32000 timedOut', '32000 terminated'],
  },
  {
    name: 'no response over TCP: never retransmits',
    reliable: true,
    arrives: [],
    does: ['0 BYE', '32000 timedOut', '32000 terminated'],
  },
  {
    name: 'a final response ends it; repeated ones are absorbed for T4',
    arrives: [[100, 200], [600, 200]],
    does: ['0 BYE', '100 pass 200', '5100 terminated'],
  },
  {
    name: 'a final response over TCP leaves nothing to wait for',
    reliable: true,
    arrives: [[100, 200]],
    does: ['0 BYE', '100 pass 200', '100 terminated'],
  },
  {
    name: 'a provisional response: the running interval ends, all others are T2',
    arrives: [[600, 100], [12_000, 200]],
    does: ['0 BYE', '500 BYE', '600 pass 100', '1500 BYE', '5500 BYE', '9500 BYE', '12000 pass 200',
      '17000 terminated'],
  },
  {
    name: 'a provisional response does not put off the end',
    arrives: [[600, 100]],
    does: ['0 BYE', '500 BYE', '600 pass 100', '1500 BYE', '5500 BYE', '9500 BYE', '13500 BYE', '17500 BYE',
      '21500 BYE', '25500 BYE', '29500 BYE', '32000 timedOut', '32000 terminated'],
  },
  {
    name: 'a transport error ends it',
    arrives: [[10, 'transport error'], [20, 200]],
    does: ['0 BYE', '10 transportFailed', '10 terminated'],
  },
];

for (const { name, reliable = false, arrives, does } of cases) {
  test(`non-INVITE client transaction: ${name}`, async () => {
    const clock = new VirtualClock();
    const done: string[] = [];
    const note = (what: string): void => void done.push(`${clock.now()} ${what}`);
    const transaction = new NonInviteClientTransaction<{ status: number }>({
      clock,
      reliable,
      timers: defaultSipTimers,
      sendRequest: () => note('BYE'),
      sink: (event) =>
        note(event.type === 'response' ? `pass ${event.response.status}` : event.type),
    });
    for (const [ms, what] of arrives) {
      clock.setTimer(ms, () => {
        if (what === 'transport error') transaction.transportFailed(new Error('no route'));
        else transaction.receive({ status: what });
      });
    }
    await clock.advance(120_000);
    assert.deepEqual(done, does);
    assert.equal(clock.pendingTimers, 0);
  });
}
