import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { MediaError } from '../media-engine.ts';
import { level } from './analysis.ts';
import { encodeFrame } from './g711.ts';
import { decodePrompt } from './prompt-decoder.ts';
import { monoSamples, parseWav, writeWav } from './wav.ts';

type Header = {
  tag: number;
  channels: number;
  rate: number;
  bits: number;
  /** What the data chunk says; the truth when undefined. */
  dataLength?: number;
  extensible?: boolean;
  /** Chunks before the data. */
  before?: Uint8Array;
};

const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));

function little(value: number, octets: number): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, index) => Math.floor(value / 256 ** index) % 256);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** A WAV file by hand, so that the reader is not tested by the writer. */
function wavFile(data: Uint8Array, header: Header): Uint8Array {
  const { tag, channels, rate, bits, extensible = false } = header;
  const frame = (channels * bits) / 8;
  const plain = [
    little(extensible ? 0xfffe : tag, 2),
    little(channels, 2),
    little(rate, 4),
    little(rate * frame, 4),
    little(frame, 2),
    little(bits, 2),
  ];
  const extension = [
    little(22, 2),
    little(bits, 2),
    little(4, 4),
    little(tag, 2),
    new Uint8Array(14),
  ];
  const format = join(...plain, ...(extensible ? extension : []));
  return join(
    ascii('RIFF'),
    little(header.dataLength ?? data.length + 36, 4),
    ascii('WAVEfmt '),
    little(format.length, 4),
    format,
    header.before ?? new Uint8Array(0),
    ascii('data'),
    little(header.dataLength ?? data.length, 4),
    data,
  );
}

const mono16 = { tag: 1, channels: 1, rate: 8000, bits: 16 };

function view(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** Half, minus a quarter, silence: in each encoding. */
const encodings: readonly (readonly [
  name: string,
  header: Partial<Header>,
  data: Uint8Array,
  within: number,
])[] = [
  ['PCM 8', { bits: 8 }, Uint8Array.of(192, 96, 128), 0],
  ['PCM 16', {}, view(Int16Array.of(16_384, -8_192, 0)), 0],
  ['PCM 24', { bits: 24 }, Uint8Array.of(0, 0, 0x40, 0, 0, 0xe0, 0, 0, 0), 0],
  ['PCM 32', { bits: 32 }, view(Int32Array.of(2 ** 30, -(2 ** 29), 0)), 0],
  ['float 32', { tag: 3, bits: 32 }, view(Float32Array.of(0.5, -0.25, 0)), 0],
  ['float 64', { tag: 3, bits: 64 }, view(Float64Array.of(0.5, -0.25, 0)), 0],
  ['A-law', { tag: 6, bits: 8 }, g711('PCMA'), 0.02],
  ['mu-law', { tag: 7, bits: 8 }, g711('PCMU'), 0.02],
  ['PCM 16, extensible', { extensible: true }, view(Int16Array.of(16_384, -8_192, 0)), 0],
];

function g711(codec: 'PCMA' | 'PCMU'): Uint8Array {
  const out = new Uint8Array(3);
  encodeFrame(codec, Int16Array.of(16_384, -8_192, 0), out, 0);
  return out;
}

for (const [name, header, data, within] of encodings) {
  test(`reads ${name}`, () => {
    const wav = parseWav(wavFile(data, { ...mono16, ...header }));
    assert.equal(wav.frames, 3);
    const samples = monoSamples(wav, 0, 3);
    for (const [index, expected] of [0.5, -0.25, 0].entries()) {
      assert.ok(Math.abs(samples[index]! - expected) <= within, `${samples[index]}`);
    }
  });
}

test('channels are mixed down to their mean', () => {
  const wav = parseWav(
    wavFile(view(Int16Array.of(16_384, 0, -16_384, -16_384)), { ...mono16, channels: 2 }),
  );
  assert.deepEqual([...monoSamples(wav, 0, 2)], [0.25, -0.5]);
});

test('floats that are no numbers are silence, too loud ones are cut', () => {
  const data = view(Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, 3, -3));
  const wav = parseWav(wavFile(data, { ...mono16, tag: 3, bits: 32 }));
  assert.deepEqual([...monoSamples(wav, 0, 4)], [0, 0, 1, -1]);
});

const three = view(Int16Array.of(1, 2, 3));
const frameCounts: readonly (readonly [name: string, file: Uint8Array, frames: number])[] = [
  ['the length espeak leaves', wavFile(three, { ...mono16, dataLength: 0x7ffff000 }), 3],
  ['the length of a pipe', wavFile(three, { ...mono16, dataLength: 0xffffffff }), 3],
  ['a length of 0', wavFile(three, { ...mono16, dataLength: 0 }), 3],
  ['half a sample at the end', wavFile(three, mono16).subarray(0, -1), 2],
  ['samples after the data', join(wavFile(three, mono16), ascii('LIST'), little(4, 4)), 3],
  [
    'a chunk of an odd length before the data',
    wavFile(three, { ...mono16, before: join(ascii('LIST'), little(3, 4), new Uint8Array(4)) }),
    3,
  ],
  ['no sample at all', wavFile(new Uint8Array(0), mono16), 0],
];

for (const [name, file, frames] of frameCounts) {
  test(`${name}: ${frames} frames`, () => assert.equal(parseWav(file).frames, frames));
}

const refusals: readonly (readonly [name: string, file: Uint8Array, says: RegExp])[] = [
  ['an empty file', new Uint8Array(0), /it is not a WAV file; convert it with: ffmpeg/],
  ['text', ascii('hello, world'), /it is not a WAV file/],
  ['only the beginning', wavFile(three, mono16).subarray(0, 30), /format header is cut short/],
  ['no data', wavFile(three, mono16).subarray(0, 36), /ends before any sound/],
  ['data before the format', join(ascii('RIFF\0\0\0\0WAVEdata'), little(2, 4), three), /before/],
  ['ADPCM', wavFile(three, { ...mono16, tag: 2, bits: 4 }), /tag 2, 4 bits\) is not supported/],
  ['no channel', wavFile(three, { ...mono16, channels: 0 }), /it has 0 channels/],
  ['3000 channels', wavFile(three, { ...mono16, channels: 3000 }), /it has 3000 channels/],
  ['rate 0', wavFile(three, { ...mono16, rate: 0 }), /sample rate is 0 Hz/],
  ['rate 4 GHz', wavFile(three, { ...mono16, rate: 0xffffffff }), /sample rate is 4294967295 Hz/],
];

for (const [name, file, says] of refusals) {
  test(`refuses ${name}`, () => {
    assert.throws(() => parseWav(file), { name: 'MediaError', message: says });
  });
}

test('any octets are read or refused with MediaError', () => {
  const valid = wavFile(three, mono16);
  const damaged = fc
    .array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 12 })
    .map((changes) => {
      const file = valid.slice();
      for (const [at, octet] of changes) file[at] = octet;
      return file;
    });
  fc.assert(
    fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 80 })), (file) => {
      try {
        const samples = decodePrompt(file, { longestMs: 1000 });
        assert.ok(samples.length <= 2 * file.length, 'as much sound as octets allow');
      } catch (error) {
        assert.ok(error instanceof MediaError, String(error));
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

test('a million empty chunks are not walked through', () => {
  const file = join(ascii('RIFF\0\0\0\0WAVE'), new Uint8Array(8_000_000));
  const startedAt = performance.now();
  assert.throws(() => parseWav(file), MediaError);
  assert.ok(performance.now() - startedAt < 200);
});

test('writes what it reads: stereo, both channels in their places', () => {
  const file = writeWav(16_000, Int16Array.of(1, -2), Int16Array.of(300, -32_768));
  const { sampleRate, channels, encoding, frames, data } = parseWav(file);
  assert.deepEqual(
    { sampleRate, channels, encoding, frames },
    {
      sampleRate: 16_000,
      channels: 2,
      encoding: 'pcm16',
      frames: 2,
    },
  );
  assert.deepEqual([...new Int16Array(data.slice().buffer)], [1, 300, -2, -32_768]);
  assert.equal(file.length, 44 + 8);
});

test('a prompt: mono at 8000 Hz in shared memory; too long or empty is refused', () => {
  const second = new Int16Array(44_100);
  const samples = decodePrompt(writeWav(44_100, second, second), { longestMs: 1000 });
  assert.equal(samples.length, 8000);
  assert.ok(samples.buffer instanceof SharedArrayBuffer);
  assert.throws(() => decodePrompt(writeWav(44_100, second), { longestMs: 500 }), {
    message: 'it lasts 1.0 s; at most 0.5 s can be played: shorten it',
  });
  assert.throws(() => decodePrompt(writeWav(8000, new Int16Array(0)), { longestMs: 500 }), {
    message: 'it holds no sound; record or upload it again',
  });
});

test('a sound at full scale is not wrapped round by the resampler', () => {
  const square = Int16Array.from({ length: 16_000 }, (_, i) => (i % 40 < 20 ? 32_767 : -32_768));
  const samples = decodePrompt(writeWav(16_000, square), { longestMs: 2000 });
  for (let index = 100; index < 7_900; index++) {
    const middle = index % 20 === 5;
    if (middle) assert.ok(samples[index]! > 20_000, `${index}: ${samples[index]}`);
  }
});

test('the voices of the demo are short, light, and as loud as each other', () => {
  const folder = new URL('../../../assets/demo/', import.meta.url);
  const names = readdirSync(folder).filter((name) => name.endsWith('.wav'));
  assert.deepEqual(names.sort(), [
    'contact-message.wav',
    'contact-voice.wav',
    'operator-message.wav',
    'operator-voice.wav',
    'voicemail.wav',
  ]);
  for (const name of names) {
    assert.ok(statSync(new URL(name, folder)).size < 100_000, name);
    const samples = decodePrompt(readFileSync(new URL(name, folder)), { longestMs: 3_500 });
    assert.ok(samples.length >= 2_300 * 8, name);
    assert.ok(Math.abs(level(samples) + 16) < 0.5, name);
    assert.ok(
      samples.every((sample) => Math.abs(sample) < 30_000),
      name,
    );
  }
});
