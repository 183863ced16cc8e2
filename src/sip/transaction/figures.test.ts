import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { InviteClientTransaction, inviteClientTable } from './invite-client.ts';
import { InviteServerTransaction, inviteServerTable } from './invite-server.ts';
import { NonInviteClientTransaction, nonInviteClientTable } from './non-invite-client.ts';
import { NonInviteServerTransaction, nonInviteServerTable } from './non-invite-server.ts';
import { defaultSipTimers as timers } from './sip-timers.ts';

/**
 * The figures of RFC 3261 section 17 as RFC 6026 corrects them, written down once more, by hand: each arrow
 * with what is done on it. Each is walked by a real transaction, and every pair of state and input that has
 * no arrow is shown to do nothing.
 */
type Arrow = readonly [from: string, input: string, to: string, does: string];
type Figure = {
  readonly name: string;
  readonly table: Readonly<Record<string, object>>;
  readonly inputs: readonly string[];
  /** The inputs that lead into each state, from the first one. */
  readonly ways: Readonly<Record<string, readonly string[]>>;
  start(clock: VirtualClock, note: (what: string) => void): Machine;
  readonly arrows: readonly Arrow[];
};
type Machine = { readonly state: string; input(name: string): void };

/** When each timer fires after the state was entered; all other inputs come from outside. */
const timerMs: Readonly<Record<string, number>> = {
  timerA: 500, // T1
  timerB: 32_000, // 64*T1
  timerD: 32_000,
  timerE: 500,
  timerF: 32_000,
  timerG: 500,
  timerH: 32_000,
  timerI: 5_000, // T4
  timerJ: 32_000,
  timerK: 5_000,
  timerL: 32_000,
  timerM: 32_000,
};

const statusOf: Readonly<Record<string, number>> = {
  '1xx': 180,
  '2xx': 200,
  '300-699': 486,
  '200-699': 200,
};
const lost = new Error('no route');

// biome-ignore format: tables
const figures: readonly Figure[] = [
  {
    name: 'figure 5, INVITE client, with Accepted of RFC 6026',
    table: inviteClientTable,
    inputs: ['1xx', '2xx', '300-699', 'timerA', 'timerB', 'timerD', 'timerM', 'transportError'],
    ways: { calling: [], proceeding: ['1xx'], accepted: ['2xx'], completed: ['300-699'], terminated: ['transportError'] },
    start: (clock, note) => {
      const machine = new InviteClientTransaction<{ status: number }>({
        clock, timers, reliable: false,
        sendRequest: () => note('INVITE'),
        sendAck: () => note('ACK'),
        sink: ({ type }) => note(type),
      });
      return {
        get state() { return machine.state; },
        input: (name) => name === 'transportError' ? machine.transportFailed(lost) : machine.receive({ status: statusOf[name]! }),
      };
    },
    arrows: [
      ['calling',    '1xx',            'proceeding', 'response'],
      ['calling',    '2xx',            'accepted',   'response'],
      ['calling',    '300-699',        'completed',  'ACK response'],
      ['calling',    'timerA',         'calling',    'INVITE'],
      ['calling',    'timerB',         'terminated', 'timedOut terminated'],
      ['calling',    'transportError', 'terminated', 'transportFailed terminated'],
      ['proceeding', '1xx',            'proceeding', 'response'],
      ['proceeding', '2xx',            'accepted',   'response'],
      ['proceeding', '300-699',        'completed',  'ACK response'],
      ['proceeding', 'transportError', 'terminated', 'transportFailed terminated'],
      ['accepted',   '2xx',            'accepted',   'response'],
      ['accepted',   'timerM',         'terminated', 'terminated'],
      ['completed',  '300-699',        'completed',  'ACK'],
      ['completed',  'timerD',         'terminated', 'terminated'],
      ['completed',  'transportError', 'terminated', 'transportFailed terminated'],
    ],
  },
  {
    name: 'figure 6, non-INVITE client',
    table: nonInviteClientTable,
    inputs: ['1xx', '200-699', 'timerE', 'timerF', 'timerK', 'transportError'],
    ways: { trying: [], proceeding: ['1xx'], completed: ['200-699'], terminated: ['transportError'] },
    start: (clock, note) => {
      const machine = new NonInviteClientTransaction<{ status: number }>({
        clock, timers, reliable: false,
        sendRequest: () => note('BYE'),
        sink: ({ type }) => note(type),
      });
      return {
        get state() { return machine.state; },
        input: (name) => name === 'transportError' ? machine.transportFailed(lost) : machine.receive({ status: statusOf[name]! }),
      };
    },
    arrows: [
      ['trying',     '1xx',            'proceeding', 'response'],
      ['trying',     '200-699',        'completed',  'response'],
      ['trying',     'timerE',         'trying',     'BYE'],
      ['trying',     'timerF',         'terminated', 'timedOut terminated'],
      ['trying',     'transportError', 'terminated', 'transportFailed terminated'],
      ['proceeding', '1xx',            'proceeding', 'response'],
      ['proceeding', '200-699',        'completed',  'response'],
      ['proceeding', 'timerE',         'proceeding', 'BYE'],
      ['proceeding', 'timerF',         'terminated', 'timedOut terminated'],
      ['proceeding', 'transportError', 'terminated', 'transportFailed terminated'],
      ['completed',  'timerK',         'terminated', 'terminated'],
    ],
  },
  {
    name: 'figure 7, INVITE server, with Accepted of RFC 6026',
    table: inviteServerTable,
    inputs: ['request', 'ack', '1xx', '2xx', '300-699', 'timerG', 'timerH', 'timerI', 'timerL', 'transportError'],
    ways: { proceeding: ['1xx'], accepted: ['2xx'], completed: ['300-699'], confirmed: ['300-699', 'ack'], terminated: ['300-699', 'timerH'] },
    start: (clock, note) => {
      const machine = new InviteServerTransaction<string>({
        clock, timers, reliable: false,
        send: (response) => note(Buffer.from(response).toString()),
        sink: ({ type }) => note(type),
      });
      return {
        get state() { return machine.state; },
        input: (name) => {
          if (name === 'request') machine.receiveRequest();
          else if (name === 'ack') machine.receiveAck('ACK');
          else if (name === 'transportError') machine.transportFailed(lost);
          else machine.respond(statusOf[name]!, Buffer.from(name));
        },
      };
    },
    arrows: [
      ['proceeding', 'request',        'proceeding', '1xx'],
      ['proceeding', '1xx',            'proceeding', '1xx'],
      ['proceeding', '2xx',            'accepted',   '2xx'],
      ['proceeding', '300-699',        'completed',  '300-699'],
      ['proceeding', 'transportError', 'proceeding', 'transportFailed'], // RFC 6026 section 8.7.
      ['accepted',   'request',        'accepted',   ''],
      ['accepted',   'ack',            'accepted',   'ack'],
      ['accepted',   '2xx',            'accepted',   '2xx'],
      ['accepted',   'timerL',         'terminated', 'terminated'],
      ['accepted',   'transportError', 'accepted',   'transportFailed'],
      ['completed',  'request',        'completed',  '300-699'],
      ['completed',  'timerG',         'completed',  '300-699'],
      ['completed',  'ack',            'confirmed',  ''],
      ['completed',  'timerH',         'terminated', 'terminated'],
      ['completed',  'transportError', 'completed',  'transportFailed'],
      ['confirmed',  'request',        'confirmed',  ''],
      ['confirmed',  'ack',            'confirmed',  ''],
      ['confirmed',  'timerI',         'terminated', 'terminated'],
    ],
  },
  {
    name: 'figure 8, non-INVITE server',
    table: nonInviteServerTable,
    inputs: ['request', '1xx', '200-699', 'timerJ', 'transportError'],
    ways: { trying: [], proceeding: ['1xx'], completed: ['200-699'], terminated: ['200-699', 'timerJ'] },
    start: (clock, note) => {
      const machine = new NonInviteServerTransaction({
        clock, timers, reliable: false,
        send: (response) => note(Buffer.from(response).toString()),
        sink: ({ type }) => note(type),
      });
      return {
        get state() { return machine.state; },
        input: (name) => {
          if (name === 'request') machine.receiveRequest();
          else if (name === 'transportError') machine.transportFailed(lost);
          else machine.respond(statusOf[name]!, Buffer.from(name));
        },
      };
    },
    arrows: [
      ['trying',     'request',        'trying',     ''],
      ['trying',     '1xx',            'proceeding', '1xx'],
      ['trying',     '200-699',        'completed',  '200-699'],
      ['proceeding', 'request',        'proceeding', '1xx'],
      ['proceeding', '1xx',            'proceeding', '1xx'],
      ['proceeding', '200-699',        'completed',  '200-699'],
      ['proceeding', 'transportError', 'terminated', 'transportFailed terminated'],
      ['completed',  'request',        'completed',  '200-699'],
      ['completed',  'timerJ',         'terminated', 'terminated'],
      ['completed',  'transportError', 'terminated', 'transportFailed terminated'],
    ],
  },
];

/** Feeds one input; a timer's by letting its time pass. What else happens before it is not noted. */
async function feed(
  machine: Machine,
  clock: VirtualClock,
  done: string[],
  input: string,
): Promise<void> {
  const ms = timerMs[input];
  if (ms !== undefined) await clock.advance(ms - 1);
  done.length = 0;
  if (ms !== undefined) await clock.advance(1);
  else machine.input(input);
}

async function inState(figure: Figure, state: string) {
  const clock = new VirtualClock();
  const done: string[] = [];
  const machine = figure.start(clock, (what) => done.push(what));
  for (const input of figure.ways[state]!) await feed(machine, clock, done, input);
  assert.equal(machine.state, state);
  return { clock, done, machine };
}

for (const figure of figures) {
  describe(figure.name, () => {
    for (const [from, input, to, does] of figure.arrows) {
      test(`${from}: ${input} -> ${to}${does === '' ? '' : `, ${does}`}`, async () => {
        const { clock, done, machine } = await inState(figure, from);
        await feed(machine, clock, done, input);
        assert.equal(machine.state, to);
        assert.equal(done.join(' '), does);
        if (to === 'terminated') assert.equal(clock.pendingTimers, 0);
      });
    }

    test('the table has these arrows and no other', () => {
      const rows = Object.entries(figure.table).flatMap(([state, inputs]) =>
        Object.keys(inputs).map((input) => `${state} ${input}`),
      );
      assert.deepEqual(
        rows.sort(),
        figure.arrows.map(([from, input]) => `${from} ${input}`).sort(),
      );
    });

    test('whatever else comes in a state does nothing', async () => {
      const known = new Set(figure.arrows.map(([from, input]) => `${from} ${input}`));
      for (const state of Object.keys(figure.ways)) {
        for (const input of figure.inputs) {
          // A timer without an arrow is not running, so it cannot be fed.
          if (known.has(`${state} ${input}`) || input in timerMs) continue;
          const { done, machine } = await inState(figure, state);
          done.length = 0;
          machine.input(input);
          assert.equal(machine.state, state, `${state}: ${input}`);
          assert.deepEqual(done, [], `${state}: ${input}`);
        }
      }
    });
  });
}
