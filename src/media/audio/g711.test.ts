import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFrame, encodeFrame, type G711Codec, pcmaToPcmu, pcmuToPcma } from './g711.ts';

const octets = Array.from({ length: 256 }, (_, octet) => octet);

function encode(codec: G711Codec, ...samples: readonly number[]): number[] {
  const out = new Uint8Array(samples.length);
  encodeFrame(codec, Int16Array.from(samples), out, 0);
  return [...out];
}

function decode(codec: G711Codec, ...payload: readonly number[]): number[] {
  const out = new Int16Array(payload.length);
  decodeFrame(codec, Uint8Array.from(payload), out);
  return [...out];
}

/** `[sample, octet, sample decoded]`: ends, middle, the edges of segments. */
const vectors: Readonly<Record<G711Codec, readonly (readonly [number, number, number])[]>> = {
  PCMA: [
    [0, 0xd5, 8],
    [15, 0xd5, 8],
    [16, 0xd4, 24],
    [-1, 0x55, -8],
    [-17, 0x54, -24],
    [255, 0xda, 248],
    [256, 0xc5, 264],
    [511, 0xca, 504],
    [512, 0xf5, 528],
    [1000, 0xfa, 1008],
    [-1000, 0x7a, -1008],
    [32_767, 0xaa, 32_256],
    [-32_768, 0x2a, -32_256],
  ],
  PCMU: [
    [0, 0xff, 0],
    [3, 0xff, 0],
    [4, 0xfe, 8],
    [-1, 0x7f, 0],
    [-5, 0x7e, -8],
    [1000, 0xce, 988],
    [-1000, 0x4e, -988],
    [32_767, 0x80, 32_124],
    [-32_768, 0x00, -32_124],
  ],
};

for (const codec of ['PCMA', 'PCMU'] as const) {
  for (const [sample, octet, decoded] of vectors[codec]) {
    test(`${codec}: ${sample} is 0x${octet.toString(16)}, heard as ${decoded}`, () => {
      assert.deepEqual(encode(codec, sample), [octet]);
      assert.deepEqual(decode(codec, octet), [decoded]);
    });
  }

  test(`${codec}: what was decoded is encoded to the same octet`, () => {
    const back = encode(codec, ...decode(codec, ...octets));
    // mu-law has two zeros; the negative one comes back as the positive one.
    const expected = octets.map((octet) => (codec === 'PCMU' && octet === 0x7f ? 0xff : octet));
    assert.deepEqual(back, expected);
  });

  test(`${codec}: louder never becomes quieter, and the error stays within half a step`, () => {
    const samples = Array.from({ length: 4_096 }, (_, index) => -32_768 + index * 16);
    const heard = decode(codec, ...encode(codec, ...samples));
    heard.forEach((value, index) => {
      const sample = samples[index]!;
      if (index > 0) assert.ok(value >= heard[index - 1]!);
      // A step is at most 1/16 of the segment's start; the loudest values are cut.
      assert.ok(Math.abs(value - sample) <= Math.max(8, Math.abs(sample) / 31) + 8, `${sample}`);
    });
  });

  test(`${codec}: silence is the smallest positive value`, () => {
    assert.deepEqual(encode(codec, 0), [codec === 'PCMA' ? 0xd5 : 0xff]);
  });
}

/** One millisecond of 1 kHz at 0 dBm0: ITU-T G.711 tables 5 and 6. */
const milliwatt = {
  PCMA: [0x34, 0x21, 0x21, 0x34, 0xb4, 0xa1, 0xa1, 0xb4],
  PCMU: [0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e],
} as const;

test('the digital milliwatt of one law is that of the other', () => {
  assert.deepEqual(
    milliwatt.PCMA.map((octet) => pcmaToPcmu[octet]),
    milliwatt.PCMU,
  );
  assert.deepEqual(
    milliwatt.PCMU.map((octet) => pcmuToPcma[octet]),
    milliwatt.PCMA,
  );
});

test('the digital milliwatt is 3.14 dB (A-law) and 3.17 dB (mu-law) below the loudest sine', () => {
  for (const [codec, below, top] of [
    ['PCMA', 3.14, 4096 * 8],
    ['PCMU', 3.17, 8159 * 4],
  ] as const) {
    const heard = decode(codec, ...milliwatt[codec]);
    const power = heard.reduce((sum, sample) => sum + sample * sample, 0) / heard.length;
    const level = 10 * Math.log10(power / (top ** 2 / 2));
    assert.ok(Math.abs(level + below) < 0.03, `${codec}: ${level}`);
  }
});

test('transcoding: signs are kept, the change is within a step, there and back settles at once', () => {
  for (const octet of octets) {
    assert.equal(pcmaToPcmu[octet]! & 0x80, octet & 0x80);
    assert.equal(pcmuToPcma[octet]! & 0x80, octet & 0x80);
    const there = pcmaToPcmu[octet]!;
    assert.equal(pcmaToPcmu[pcmuToPcma[there]!], there);
    const back = pcmuToPcma[octet]!;
    assert.equal(pcmuToPcma[pcmaToPcmu[back]!], back);
    const [alaw] = decode('PCMA', octet);
    const [ulaw] = decode('PCMU', there);
    assert.ok(Math.abs(alaw! - ulaw!) <= Math.max(8, Math.abs(alaw!) / 31), `${alaw} ${ulaw}`);
  }
});

test('the numbers of ITU-T G.711 tables 3 and 4 where they differ from the nearest value', () => {
  const alaw = (value: number): number => 0xd5 ^ value;
  const ulaw = (value: number): number => 0xff ^ value;
  for (const [u, a] of [
    [0, 0],
    [1, 0],
    [14, 7],
    [15, 7],
    [48, 45],
    [64, 63],
    [79, 78],
    [80, 79],
    [81, 81],
    [127, 127],
  ] as const) {
    assert.equal(pcmuToPcma[ulaw(u)], alaw(a), `mu-law ${u}`);
  }
  for (const [a, u] of [
    [0, 1],
    [7, 15],
    [24, 32],
    [25, 32],
    [46, 49],
    [63, 64],
    [79, 80],
    [80, 80],
    [81, 81],
    [127, 127],
  ] as const) {
    assert.equal(pcmaToPcmu[alaw(a)], ulaw(u), `A-law ${a}`);
  }
});

test('a frame goes to its place in the packet, and nothing else changes', () => {
  const packet = new Uint8Array(8).fill(1);
  encodeFrame('PCMA', Int16Array.of(0, 0), packet, 4);
  assert.deepEqual([...packet], [1, 1, 1, 1, 0xd5, 0xd5, 1, 1]);
});

test('a payload longer than the frame is cut', () => {
  const out = new Int16Array(3);
  assert.equal(decodeFrame('PCMU', new Uint8Array(5).fill(0x80), out), 3);
  assert.equal(decodeFrame('PCMU', new Uint8Array(2).fill(0xff), out), 2);
  assert.deepEqual([...out], [0, 0, 32_124]);
});
