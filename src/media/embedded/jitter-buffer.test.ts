import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JitterBuffer } from './jitter-buffer.ts';

/**
 * A trace: numbers are packets that come (with a letter: n noise, k key), a dot is 20 ms of sound needed,
 * answered by the packet played, `-` for nothing, `x` for a lost one.
 */
const traces: readonly {
  name: string;
  steps: string;
  plays: string;
  late?: number;
  doubled?: number;
}[] = [
  { name: 'two packets are waited for', steps: '1 . 2 . 3 . 4 .', plays: '- 1 2 3' },
  {
    name: 'a single one is not kept for ever',
    steps: '1 . . . .',
    plays: '- - 1 -',
  },
  {
    name: 'reordered packets are played in order',
    steps: '1 2 . 4 . 3 . 6 . 5 . .',
    plays: '1 2 3 4 5 6',
  },
  { name: 'doubled ones once', steps: '1 1 2 2 . 2 . 3 3 .', plays: '1 2 3', doubled: 4 },
  {
    name: 'a lost one is told when its successor is due',
    steps: '1 2 . 4 . 5 . .',
    plays: '1 2 x 4',
  },
  {
    name: 'what was played without is late',
    steps: '1 2 . 4 . . 3 5 . .',
    plays: '1 2 x 4 5',
    late: 1,
  },
  {
    name: 'after running dry the late one is played: the delay has grown',
    steps: '1 2 . . . 3 . 4 . 5 .',
    plays: '1 2 - 3 4 5',
  },
  {
    name: 'what was made up while it ran dry stands for the one that was lost',
    steps: '1 2 . . . 4 . 5 . .',
    plays: '1 2 - 4 5 -',
  },
  {
    name: 'after noise nothing is missing, and a talkspurt waits for its second packet',
    steps: '1 2 . . 3n . . . . . . . . . . . . . 4 . 5 . .',
    plays: '1 2 n3 - - - - - - - - - - - - - 4 5',
  },
  {
    name: 'keys take sequence numbers and no time',
    steps: '1 2 . 3k 4k 5k . . . 6 . 7 . .',
    plays: '1 2 - - - 6 7',
  },
  {
    name: 'numbers wrap',
    steps: '65534 65535 . 0 . 1 . .',
    plays: '65534 65535 0 1',
  },
  {
    name: 'a leap is another stream',
    steps: '1 2 . 5000 5001 . .',
    plays: '1 5000 5001',
  },
  {
    name: 'no more than 200 ms wait',
    steps: '1 2 3 4 5 6 7 8 9 10 11 12 13 . .',
    plays: '4 5',
  },
];

for (const { name, steps, plays, late = 0, doubled = 0 } of traces) {
  test(`the jitter buffer: ${name}`, () => {
    const buffer = new JitterBuffer();
    const played: string[] = [];
    for (const step of steps.split(' ')) {
      if (step !== '.') {
        const sequence = Number.parseInt(step, 10);
        const kind = step.endsWith('n') ? 'noise' : step.endsWith('k') ? 'key' : 'sound';
        const payload = Uint8Array.of(sequence >> 8, sequence);
        buffer.put({ ssrc: 7, sequence }, payload, kind);
        continue;
      }
      const next = buffer.next(20);
      const number = (buffer.payload[0]! << 8) | buffer.payload[1]!;
      if (next === 'empty') played.push('-');
      else if (next === 'lost') played.push('x');
      else played.push(next === 'noise' ? `n${number}` : `${number}`);
    }
    assert.equal(played.join(' '), plays);
    assert.equal(buffer.late, late, 'late');
    assert.equal(buffer.doubled, doubled, 'doubled');
  });
}

test('another SSRC begins anew', () => {
  const buffer = new JitterBuffer();
  buffer.put({ ssrc: 1, sequence: 1 }, Uint8Array.of(1), 'sound');
  buffer.put({ ssrc: 2, sequence: 1 }, Uint8Array.of(2), 'sound');
  buffer.put({ ssrc: 2, sequence: 2 }, Uint8Array.of(3), 'sound');
  assert.equal(buffer.next(20), 'sound');
  assert.deepEqual(buffer.payload, Uint8Array.of(2));
});
