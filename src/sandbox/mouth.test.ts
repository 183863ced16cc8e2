import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../base/virtual-clock.ts';
import { Mouth, type SpokenPacket } from './mouth.ts';
import { startPacer } from './pacer.ts';

const text = (packet: SpokenPacket): string => {
  const head = `${packet.marker ? 'M ' : ''}${packet.timestamp}`;
  if ('samples' in packet) return `${head} ${packet.samples[0]}..${packet.samples[159]}`;
  const [code, flags = 0, high = 0, low = 0] = packet.event;
  return `${head} key ${code}${flags & 0x80 ? ' end' : ''} ${(high << 8) | low}`;
};
const frames = (mouth: Mouth, count: number): string[] =>
  Array.from({ length: count }, () => mouth.next().map(text).join(' | '));

test('speaks from frame to frame, loops without a gap, else falls silent', () => {
  const mouth = new Mouth({ firstTimestamp: 0, keepsSound: true });
  const sound = Int16Array.from({ length: 200 }, (_, at) => at + 1);
  assert.deepEqual(frames(mouth, 1), ['M 0 0..0']);
  mouth.speak(sound, { loop: true });
  assert.deepEqual(frames(mouth, 3), ['160 1..160', '320 161..120', '480 121..80']);
  mouth.speak(sound, { loop: false });
  assert.deepEqual(frames(mouth, 3), ['640 1..160', '800 161..0', '960 0..0']);
  assert.equal(mouth.spoken.length, 7 * 160);
  assert.equal(mouth.spoken[160], 1);
});

test('a key: one timestamp, growing duration, three end packets, then a gap before the next', () => {
  const mouth = new Mouth({ firstTimestamp: 1000, keepsSound: false });
  mouth.press('1', 50);
  mouth.press('#', 20);
  mouth.press('x', 20);
  assert.deepEqual(frames(mouth, 8), [
    'M 1000 key 1 160',
    '1000 key 1 320',
    '1000 key 1 end 400 | 1000 key 1 end 400 | 1000 key 1 end 400',
    '1480 0..0',
    '1640 0..0',
    '1800 0..0',
    'M 1960 key 11 end 160 | 1960 key 11 end 160 | 1960 key 11 end 160',
    '2120 0..0',
  ]);
});

test('the pacer keeps its deadlines when it is woken late', async () => {
  const clock = new VirtualClock();
  const at: number[] = [];
  const late = { ...clock, now: () => clock.now(), wallTime: () => 0 };
  const pacer = startPacer(
    { ...late, setTimer: (delayMs, fire) => clock.setTimer(delayMs + 7, fire) },
    20,
    () => at.push(clock.now()),
  );
  await clock.advance(100);
  pacer.cancel();
  await clock.advance(100);
  assert.deepEqual(at, [0, 27, 47, 67, 87]);
});
