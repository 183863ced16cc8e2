import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  MemoryCallStore,
  prompt,
  type Simulation,
  simulateCall,
  testTrunk,
} from '../../test/traces/simulate-call.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import type { CallEvent } from '../model/call-event.ts';
import type { JournalEntry } from '../store/store.ts';
import { recordInterruptedCalls } from './interrupted-calls.ts';
import { replayToEnd } from './replay.ts';

const both = { operatorMessage: prompt('whisper'), contactMessage: prompt('greeting') };

const simulations: Record<string, Simulation> = {
  'operator first, a key, keys sent, hold': {
    order: { ...both, operatorConfirmation: '1', dtmfString: '.1.2', externalId: '334otr01' },
    operator: { rings: 100, answers: 2_000, presses: [{ after: 5_000, key: '1' }] },
    contact: {
      rings: 300,
      answers: 3_000,
      holds: { after: 40_000, forMs: 5_000 },
      hangsUp: 60_000,
    },
  },
  'contact first': {
    order: { ...both, firstCall: 'contact', showVirtualNumber: false },
    operator: { rings: 100, answers: 9_000 },
    contact: { rings: 100, answers: 500, hangsUp: 90_000 },
  },
  'early media': {
    order: { earlySwitching: true, switchAtOnce: true },
    operator: { rings: 100, answers: 500, hangsUp: 30_000 },
    contact: { rings: 300, earlyMedia: 1_000, answers: 4_000 },
  },
  'a trunk that does not respond, then one that refuses': {
    trunks: ['first', 'second', 'third'].map((name) => ({ ...testTrunk, name })),
    operator: [{ tries: 100, rings: 200, answers: 1_000, hangsUp: 60_000 }],
    contact: [
      {},
      { tries: 100, fails: { after: 300, cause: { type: 'failed', status: 503 } } },
      { tries: 100, rings: 500, answers: 4_000, hangsUp: 20_000 },
    ],
  },
  'an operator that never answers': { operator: { rings: 100 } },
};

/** The journal as a kill leaves it: whole turns of the event loop, from the first on. */
function cuts(journal: readonly JournalEntry[]): readonly (readonly JournalEntry[])[] {
  return journal
    .map((entry, index) => ({ entry, next: journal[index + 1] }))
    .map(({ entry, next }, index) =>
      entry.at !== next?.at && next !== undefined ? journal.slice(0, index + 1) : [],
    )
    .filter((cut) => cut.length > 0);
}

describe('a call that was cut off is known as far as its journal goes', () => {
  for (const [name, simulation] of Object.entries(simulations)) {
    test(name, async () => {
      const { journal, events } = await simulateCall(simulation);
      assert.ok(cuts(journal).length > 1);
      const rerouted = events.filter(({ type }) => type === 'legRerouted');
      assert.equal(rerouted.length, name.startsWith('a trunk') ? 2 : 0);
      for (const cut of cuts(journal)) {
        const { at } = cut.at(-1)!;
        const before = events.filter((event) => event.at <= at);
        const replayed = await replayToEnd(cut);
        assert.deepEqual(replayed.slice(0, before.length), before, `cut at ${at}`);
        assert.deepEqual(endsOf(replayed.slice(before.length)), [
          ...upAt(before).map((legId) => `leg ${legId} ${at} local failed internal_error`),
          `call ${at} failed internal_error`,
        ]);
      }
    });
  }
});

/** Legs that had been dialled and had not ended. */
function upAt(events: readonly CallEvent[]): readonly number[] {
  const ended = events.filter((event) => event.type === 'legEnded').map(({ legId }) => legId);
  return events
    .filter((event) => event.type === 'legDialing')
    .map(({ legId }) => legId)
    .filter((legId) => !ended.includes(legId));
}

function endsOf(events: readonly CallEvent[]): readonly string[] {
  return events.map((event) => {
    if (event.type === 'legEnded')
      return `leg ${event.legId} ${event.at} ${event.by} ${event.cause.type} ${event.finishReason}`;
    if (event.type === 'callEnded')
      return `call ${event.at} ${event.cause.type} ${event.finishReason}`;
    return event.type;
  });
}

/** A store as the killed process left it, `keep` entries of a talk. */
async function leftBy(keep: number): Promise<{ store: MemoryCallStore; last: JournalEntry }> {
  const { journal } = await simulateCall(simulations['contact first']!);
  const store = new MemoryCallStore();
  for (const entry of journal.slice(0, keep)) store.appendJournal(entry);
  return { store, last: journal[keep - 1]! };
}

test('each gets one record and its journal an end; a second start finds nothing to do', async () => {
  const { store, last } = await leftBy(14);
  assert.equal(last.kind, 'alive', 'in the talk the journal says that the call is there');
  const told: string[] = [];
  const log: Logger = { ...silentLogger, warn: (_, text) => told.push(text) };
  await recordInterruptedCalls({ store, log });
  const { talkStartedAt, startedAt, endedAt, finishReason, legs } = store.cdrs[0]!;
  assert.equal(finishReason, 'internal_error');
  assert.equal(endedAt, last.at);
  assert.ok(talkStartedAt !== null && talkStartedAt > startedAt && talkStartedAt < endedAt);
  assert.deepEqual(
    legs.map((leg) => [leg.role, leg.endedAt, leg.finishReason]),
    [
      ['contact', last.at, 'internal_error'],
      ['operator', last.at, 'internal_error'],
    ],
  );
  assert.deepEqual(told, ['a call was interrupted by the end of the process']);
  await recordInterruptedCalls({ store, log });
  assert.deepEqual([store.cdrs.length, told.length], [1, 1]);
});

test('a record that was stored already is left as it is', async () => {
  const { store } = await leftBy(9);
  await recordInterruptedCalls({ store, log: silentLogger });
  const [record] = store.cdrs;
  store.entries.splice(store.entries.findIndex(({ kind }) => kind === 'end'));
  await recordInterruptedCalls({ store, log: silentLogger });
  assert.deepEqual(store.cdrs, [record]);
  assert.deepEqual(await store.unfinished(), []);
});

test('a journal that cannot be read is told of and closed, and holds up no other', async () => {
  const { store } = await leftBy(9);
  const [order] = store.entries;
  store.appendJournal({ ...order!, callSessionId: 7, data: '{"order":' });
  store.appendJournal({ ...order!, callSessionId: 8, kind: 'leg', data: '{}' });
  const told: string[] = [];
  const log: Logger = { ...silentLogger, error: (_, text) => told.push(text) };
  await recordInterruptedCalls({ store, log });
  assert.equal(store.cdrs.length, 1);
  assert.deepEqual(told, Array(2).fill('an interrupted call leaves no record'));
  assert.deepEqual(await store.unfinished(), []);
});
