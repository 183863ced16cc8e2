// A trunk fails: the leg goes on by the next one, while nobody can have been rung twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HangupCause } from '../../src/model/hangup-cause.ts';
import type { Behaviour } from './fake-lines.ts';
import { type Simulation, simulateCall, testTrunk } from './simulate-call.ts';

const trunks = [
  { ...testTrunk, name: 'first', priority: 1 },
  { ...testTrunk, name: 'second', priority: 2 },
];
const answers: Behaviour = { tries: 10, rings: 500, answers: 3_000 };
const fails = (type: HangupCause['type'], status?: number, after = 50): Behaviour => ({
  tries: 10,
  fails: { after, cause: { type, ...(status !== undefined && { status }) } },
});

/** What happened to the contact’s leg. */
async function contactTrace(
  contact: readonly Behaviour[],
  more: Simulation = {},
): Promise<string[]> {
  const { trace } = await simulateCall({
    trunks,
    operator: { ...answers, answers: 1_000 },
    contact,
    order: { switchAtOnce: true },
    ...more,
  });
  return trace
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^\d+ (?:contact|dial contact|talk)/.test(line));
}

const talk = (at: number): string[] => [
  `${at} contact hears operator`,
  `${at} talk operator contact`,
];

const faults: readonly [what: string, behaviour: Behaviour, said: string][] = [
  ['503', fails('failed', 503), 'failed 503'],
  ['500', fails('failed', 500), 'failed 500'],
  ['408 of a proxy', fails('noAnswer', 408), 'noAnswer 408'],
  ['nothing could be sent', fails('failed', 503), 'failed 503'],
];
for (const [what, behaviour, said] of faults) {
  test(`${what}: the second trunk reaches the contact`, async () => {
    assert.deepEqual(await contactTrace([behaviour, { ...answers, hangsUp: 10_000 }]), [
      '1000 dial contact 79260000000 as 74993720692',
      `1050 contact goes on by second: ${said}`,
      '1550 contact ringing',
      '4050 contact answered',
      ...talk(4050),
      '14050 contact ended by remote: normal, subscriber_disconnects',
    ]);
  });
}

test('a trunk that says nothing for five seconds is left; the ring limit goes on', async () => {
  assert.deepEqual(await contactTrace([{}, { tries: 10, rings: 500 }]), [
    '1000 dial contact 79260000000 as 74993720692',
    '6000 contact goes on by second: failed 408',
    '6500 contact ringing',
    '31000 contact ended by local: ringTimeout, timeout',
  ]);
});

test('the last trunk is waited for as long as the contact may ring', async () => {
  assert.deepEqual(await contactTrace([{}, {}]), [
    '1000 dial contact 79260000000 as 74993720692',
    '6000 contact goes on by second: failed 408',
    '31000 contact ended by local: ringTimeout, timeout',
  ]);
});

test('both fail: the leg ends with what the last one said', async () => {
  assert.deepEqual(await contactTrace([fails('failed', 500), fails('failed', 503)]), [
    '1000 dial contact 79260000000 as 74993720692',
    '1050 contact goes on by second: failed 500',
    '1100 contact ended by remote: failed, subscriber_number_problems',
  ]);
});

const ownAnswers: readonly [what: string, behaviour: Behaviour, end: string][] = [
  ['busy', fails('busy', 486), '1050 contact ended by remote: busy, subscriber_busy'],
  [
    'busy by Q.850 beside a 503',
    fails('busy', 503),
    '1050 contact ended by remote: busy, subscriber_busy',
  ],
  ['declined', fails('rejected', 603), '1050 contact ended by remote: rejected, subscriber_busy'],
  [
    'no such number',
    fails('numberProblem', 404),
    '1050 contact ended by remote: numberProblem, subscriber_number_problems',
  ],
  [
    'a fault of our own',
    fails('failed'),
    '1050 contact ended by remote: failed, subscriber_number_problems',
  ],
];
for (const [what, behaviour, end] of ownAnswers) {
  test(`${what}: nobody is rung a second time`, async () => {
    assert.deepEqual(await contactTrace([behaviour, answers]), [
      '1000 dial contact 79260000000 as 74993720692',
      end,
    ]);
  });
}

test('a trunk that fails once the phone rang is not left: the party would be rung again', async () => {
  const rangThenFailed = { ...fails('failed', 503, 4_000), rings: 500 };
  assert.deepEqual(await contactTrace([rangThenFailed, answers]), [
    '1000 dial contact 79260000000 as 74993720692',
    '1500 contact ringing',
    '5000 contact ended by remote: failed, subscriber_number_problems',
  ]);
});

test('the record names the trunk that reached the party', async () => {
  const { records, journal } = await simulateCall({
    trunks,
    operator: { ...answers, answers: 1_000 },
    contact: [fails('failed', 503), { ...answers, hangsUp: 10_000 }],
  });
  assert.deepEqual(
    records[0]!.legs.map(({ role, trunk }) => [role, trunk]),
    [
      ['operator', 'first'],
      ['contact', 'second'],
    ],
  );
  const ways = journal
    .filter(({ kind }) => kind === 'dial')
    .map(({ data }) => JSON.parse(data).trunk);
  assert.deepEqual(ways, ['first', 'first', 'second']);
});
