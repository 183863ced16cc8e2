import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { MediaError } from '../media-engine.ts';
import { openFlac } from './flac-source.ts';
import { openSound } from './open-sound.ts';
import { decodeAnyPrompt, decodeWhole } from './prompt-decoder.ts';
import { writeWav } from './wav.ts';

/*
 * fixtures/: a tone of 1000 Hz with a peak of -12 dBFS, one second of it. tone.mp3 is MPEG 2 layer III at
 * 24 kHz with an ID3v2 tag before it, tone.opus at 48 kHz, tone.flac at 22.05 kHz.
 */
const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
const mp3 = fixture('tone.mp3');
const opus = fixture('tone.opus');
const flac = fixture('tone.flac');
const tone = (rate: number): Int16Array =>
  Int16Array.from({ length: rate }, (_, at) => 8192 * Math.sin((2000 * Math.PI * at) / rate));
const wav = writeWav(16_000, tone(16_000));
/** Where the MP3's frames begin. */
const tag = 10 + 15;

const decode = async (file: Uint8Array, longestMs = 5_000): Promise<Float32Array> =>
  decodeWhole(await openSound(file, { refuseCutShort: true }), 8_000, { longestMs });

/** The file with some octets written over. */
function changed(file: Uint8Array, at: number, ...octets: readonly number[]): Uint8Array {
  const copy = file.slice();
  copy.set(octets, at);
  return copy;
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const text = (characters: string): Uint8Array => Buffer.from(characters, 'latin1');

/** The share of the energy that lies at 1000 Hz, and the peak of that tone. */
function toneOf(sound: Float32Array): { share: number; peak: number } {
  const middle = sound.subarray(1_000, 7_000);
  let [re, im, energy] = [0, 0, 0];
  middle.forEach((value, at) => {
    re += value * Math.cos((Math.PI * at) / 4);
    im += value * Math.sin((Math.PI * at) / 4);
    energy += value * value;
  });
  const peak = (2 * Math.hypot(re, im)) / middle.length;
  return { share: (peak * peak * middle.length) / 2 / energy, peak };
}

const formats: readonly (readonly [format: string, file: Uint8Array, length: number])[] = [
  ['wav', wav, 8_000],
  // Its encoder's delay and padding are part of it: 44 frames of 576 samples.
  ['mp3', mp3, 8_448],
  ['opus', opus, 8_000],
  ['flac', flac, 8_000],
  ['flac', join(mp3.subarray(0, tag), flac), 8_000],
  ['mp3', join(mp3, text(`TAG${' '.repeat(125)}`)), 8_448],
  ['mp3', join(mp3, new Uint8Array(300)), 8_448],
];

for (const [format, file, length] of formats) {
  test(`${format}, ${file.length} bytes: decoded to the tone it holds`, async () => {
    assert.equal((await openSound(file)).format, format);
    const sound = await decode(file);
    assert.equal(sound.length, length);
    const { share, peak } = toneOf(sound);
    assert.ok(share > 0.98, `${share} of its energy at 1000 Hz`);
    assert.ok(Math.abs(peak - 0.25) < 0.02, `peak ${peak}`);
  });
}

test('calls get it at 8000 Hz in shared memory, whatever the format', async () => {
  const samples = await decodeAnyPrompt(opus, { longestMs: 1_000 });
  assert.ok(samples.buffer instanceof SharedArrayBuffer);
  assert.equal(samples.length, 8_000);
});

/** tone.opus with the output gain of RFC 7845 section 5.1, in 1/256 dB. */
function withGain(file: Uint8Array, gain: number): Uint8Array {
  const copy = file.slice();
  new DataView(copy.buffer).setInt16(28 + 16, gain, true);
  return rechecked(copy, 0, 28 + 19);
}

/** Writes the checksum of an Ogg page, bit by bit as RFC 3533 describes it. */
function rechecked(file: Uint8Array, from: number, to: number): Uint8Array {
  const view = new DataView(file.buffer);
  view.setUint32(from + 22, 0, true);
  let value = 0;
  for (const octet of file.subarray(from, to)) {
    value ^= octet << 24;
    for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  }
  view.setUint32(from + 22, value, true);
  return file;
}

test('the output gain of Opus is applied', async () => {
  const { peak } = toneOf(await decode(withGain(opus, -6 * 256)));
  assert.ok(Math.abs(peak - 0.125) < 0.01, `peak ${peak}`);
});

/** tone.mp3 with an Info header in its first frame that announces so many frames. */
function announcing(frames: number): Uint8Array {
  // MPEG 2, stereo: four octets of header and 17 of side information.
  const at = tag + 4 + 17;
  return changed(mp3, at, ...text('Info'), 0, 0, 0, 1, 0, 0, frames >> 8, frames & 255);
}

test('an MP3 that tells its length is believed when it is true', async () => {
  assert.ok((await decode(announcing(43))).length >= 8_000);
  assert.ok((await decode(announcing(44))).length >= 8_000, 'it may count itself');
});

const damagedWav = (length: number): Uint8Array =>
  changed(wav, 40, ...new Uint8Array(Uint32Array.of(length).buffer));

const refusals: readonly (readonly [name: string, file: Uint8Array, says: RegExp])[] = [
  ['nothing', new Uint8Array(0), /^it is empty, not WAV, MP3, Ogg Opus or FLAC; convert it/],
  ['a tag alone', mp3.subarray(0, tag), /^it is empty/],
  ['text', text('hello, world'), /^it is something else, not WAV/],
  ['M4A', text('\0\0\0\x20ftypM4A '), /^it is MP4 or M4A/],
  ['AIFF', text('FORM....AIFF'), /^it is AIFF/],
  ['AAC', Uint8Array.of(0xff, 0xf1, 0x50, 0x80, 0, 0), /^it is AAC/],
  ['Ogg Vorbis', fixture('tone-vorbis.ogg'), /^it is Ogg with Vorbis inside, not Opus; convert/],
  ['WAV cut short', wav.subarray(0, 20_044), /^it is cut short: 12000 bytes of its sound are/],
  ['WAV of no sample', writeWav(8_000, new Int16Array(0)), /^it holds no sound/],
  ['MP3 cut in a frame', mp3.subarray(0, -100), /^it is cut short: the end of its sound/],
  ['MP3 that lacks frames', announcing(45), /^it is cut short: the end of its sound/],
  ['MP3 with a hole', join(mp3.subarray(0, 3_000), mp3.subarray(3_100)), /^it is damaged at byte/],
  ['MP3 of another rate inside', changed(mp3, tag + 192 * 4 + 2, 0x80), /^it is damaged at byte/],
  ['Opus cut after a page', opus.subarray(0, lastPage(opus)), /^it is cut short: the last page/],
  ['Opus cut in a page', opus.subarray(0, -10), /^it is cut short in the middle of a page/],
  ['Opus with a flipped bit', changed(opus, 2_000, opus[2_000]! ^ 1), /^it is damaged in the page/],
  ['Opus twice', join(opus, opus), /^it is damaged in the page at byte 3445/],
  ['FLAC cut short', flac.subarray(0, 5_000), /^it is damaged or cut short: 0\.\d of 1\.0 s can/],
  ['FLAC of its first octets', flac.subarray(0, 20), /^it is cut short: its stream information/],
  ['FLAC with a flipped bit', changed(flac, 6_000, flac[6_000]! ^ 1), /^it is damaged/],
  ['FLAC of 0 Hz', changed(flac, 18, 0, 0, 0), /^its sample rate is 0 Hz/],
];

for (const [name, file, says] of refusals) {
  test(`refuses ${name}`, async () => {
    await assert.rejects(decode(file), { name: 'MediaError', message: says });
  });
}

function lastPage(file: Uint8Array): number {
  return Buffer.from(file).lastIndexOf('OggS');
}

test('a WAV file of unknown length goes to its end, in a pipe or from a broken writer', async () => {
  for (const length of [0, 0x7fff_f000, 0xffff_ffff])
    assert.equal((await decode(damagedWav(length))).length, 8_000);
});

/** FLAC that claims 2^36 - 1 samples. */
const endlessFlac = changed(flac, 21, flac[21]! | 0x0f, 0xff, 0xff, 0xff, 0xff);
/** A page of 255 packets of one octet each: 60 ms of silence in SILK, or so they say. */
const hostileOpus = ((): Uint8Array => {
  const pages: Uint8Array[] = [opus.slice(0, lastPage(opus))];
  for (let page = 0; page < 200; page++) {
    const made = new Uint8Array(27 + 255 + 255).fill(1, 27, 27 + 255).fill(0x18, 27 + 255);
    made.set(text('OggS\0\0'), 0);
    const view = new DataView(made.buffer);
    view.setBigInt64(6, -1n, true);
    view.setUint32(14, new DataView(opus.buffer).getUint32(14, true), true);
    view.setUint32(18, sequenceOf(opus) + page, true);
    made[26] = 255;
    pages.push(rechecked(made, 0, made.length));
  }
  return join(...pages);
})();

function sequenceOf(file: Uint8Array): number {
  return new DataView(file.buffer).getUint32(lastPage(file) + 18, true);
}

const tooLong: readonly (readonly [name: string, file: Uint8Array, says: RegExp])[] = [
  ['WAV', writeWav(8_000, new Int16Array(41_000)), /^it lasts 5\.1 s; at most 5\.0 s can be/],
  ['MP3', join(...Array<Uint8Array>(6).fill(mp3.subarray(tag))), /^it lasts 6\.3 s; at most/],
  ['FLAC that claims 36 days', endlessFlac, /^it lasts \d{7}\.\d s; at most 5\.0 s/],
  ['Opus of 51 000 tiny packets', hostileOpus, /^it lasts more than the 5\.0 s that can be played/],
];

for (const [name, file, says] of tooLong) {
  test(`too long: ${name}`, async () => {
    await assert.rejects(decode(file), { name: 'MediaError', message: says });
  });
}

test('without the optional package FLAC is refused with the way to get it', async () => {
  const missing = (): Promise<never> => Promise.reject(new Error('ERR_MODULE_NOT_FOUND'));
  await assert.rejects(openFlac(flac, missing), {
    name: 'MediaError',
    message: /npm install @wasm-audio-decoders\/flac@0\.2\.11, or convert it with: ffmpeg/,
  });
});

for (const [format, file] of [
  ['mp3', mp3],
  ['opus', opus],
  ['flac', flac],
] as const) {
  test(`${format}: any damage is decoded around or refused with MediaError, silently`, async (t) => {
    const printed = t.mock.method(console, 'error', () => {});
    const damage = fc
      .array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
      .map((changes) => changes.reduce((sum, [at, octet]) => changed(sum, at, octet), file));
    await fc.assert(
      fc.asyncProperty(damage, async (damaged) => {
        await decode(damaged).catch((error) => assert.ok(error instanceof MediaError, `${error}`));
      }),
      { numRuns: 15, seed: 7 },
    );
    assert.equal(printed.mock.callCount(), 0);
  });
}
