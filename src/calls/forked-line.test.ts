import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sink } from '../base/sink.ts';
import type { MediaPort } from '../media/media-engine.ts';
import type { HangupCause } from '../model/hangup-cause.ts';
import { ForkedLine } from './forked-line.ts';
import type { LineEvent, LineSource } from './line.ts';

/** Three phones; what is done to each and what goes up, in order. */
function world() {
  const log: string[] = [];
  const sinks: Sink<LineEvent>[] = [];
  const dial = (name: string) => (sink: Sink<LineEvent>) => {
    sinks.push(sink);
    return {
      port: { name } as unknown as MediaPort,
      hear: (source: LineSource) => log.push(`${name} hears ${JSON.stringify(source)}`),
      sendDtmf: (digits: string) => log.push(`${name} is sent ${digits}`),
      hangUp: ({ type }: HangupCause) => log.push(`${name} stops: ${type}`),
    };
  };
  const line = new ForkedLine(['desk', 'soft', 'home'].map(dial), (event) => {
    const cause = event.type === 'ended' ? ` ${event.by} ${event.cause.type}` : '';
    log.push(`up: ${event.type}${cause}`);
  });
  const portName = (): string => (line.port as unknown as { name: string }).name;
  return { line, log, desk: sinks[0]!, soft: sinks[1]!, home: sinks[2]!, portName };
}

const ended = (type: HangupCause['type'], status?: number): LineEvent => ({
  type: 'ended',
  by: 'remote',
  cause: { type, ...(status !== undefined && { status }) },
});

test('all ring, the first to answer is the line, the others stop without a missed call', () => {
  const { line, log, desk, soft, home, portName } = world();
  for (const phone of [desk, soft])
    for (const type of ['trying', 'ringing'] as const) phone({ type });
  soft({ type: 'answered' });
  desk({ type: 'answered' }); // Crossed the CANCEL: its session is refused below.
  home({ type: 'ringing' });
  line.hear('nothing');
  line.sendDtmf('1');
  soft({ type: 'dtmf', key: '5' });
  desk(ended('normal'));
  soft(ended('normal'));
  soft({ type: 'noAudio', forMs: 3_000 });
  line.hangUp({ type: 'released' });
  assert.equal(portName(), 'soft');
  assert.deepEqual(log, [
    'up: trying',
    'up: ringing',
    'desk stops: answeredElsewhere',
    'home stops: answeredElsewhere',
    'up: answered',
    'soft hears "nothing"',
    'soft is sent 1',
    'up: dtmf',
    'up: ended remote normal',
  ]);
});

const outcomes: readonly [what: string, ends: readonly LineEvent[], end: string][] = [
  [
    'busy says more than no answer',
    [ended('noAnswer', 480), ended('busy', 486), ended('offline', 430)],
    'busy',
  ],
  [
    'no answer more than a phone that is gone',
    [ended('offline', 430), ended('failed', 408), ended('noAnswer', 480)],
    'noAnswer',
  ],
  [
    'nothing but faults',
    [ended('failed', 500), ended('failed', 408), ended('failed', 503)],
    'failed',
  ],
];
for (const [what, ends, end] of outcomes) {
  test(`nobody answers: ${what}`, () => {
    const { log, desk, soft, home } = world();
    [desk, soft, home].forEach((phone, index) => {
      assert.deepEqual(log, []);
      phone(ends[index]!);
    });
    assert.deepEqual(log, [`up: ended remote ${end}`]);
  });
}

test('declined on one phone for everywhere: all stop', () => {
  const { log, desk, home } = world();
  desk(ended('busy', 486));
  home(ended('rejected', 603));
  assert.deepEqual(log, ['soft stops: otherLegEnded', 'up: ended remote rejected']);
});

test('486 on one phone: the others ring on', () => {
  const { log, desk, soft } = world();
  desk(ended('rejected', 486));
  soft({ type: 'ringing' });
  assert.deepEqual(log, ['up: ringing']);
});

test('sound before the answer comes from the first phone that sends it, then from the one that answers', () => {
  const { log, desk, soft, portName } = world();
  soft({ type: 'earlyMedia' });
  desk({ type: 'earlyMedia' });
  assert.equal(portName(), 'soft');
  desk({ type: 'answered' });
  assert.equal(portName(), 'desk');
  assert.equal(log.filter((it) => it === 'up: earlyMedia').length, 1);
});

test('hung up while they ring: each stops once, nothing goes up any more', () => {
  const { line, log, desk } = world();
  line.hangUp({ type: 'ringTimeout' });
  line.hangUp({ type: 'ringTimeout' });
  desk({ type: 'answered' });
  assert.deepEqual(log, [
    'desk stops: ringTimeout',
    'soft stops: ringTimeout',
    'home stops: ringTimeout',
  ]);
});

test('what the party is to hear when it answers is heard by the phone that answers', () => {
  const { line, log, home } = world();
  line.hear('nothing');
  home({ type: 'answered' });
  assert.ok(log.includes('home hears "nothing"'));
});
