// SPDX-License-Identifier: GPL-3.0-or-later
// A program of its own, see README.md: texts come in on standard input, sound goes out on standard output.

import { readSync, writeSync } from 'node:fs';

/** What is used of the package, which brings no types. */
type Synthesiser = {
  set_voice(name: string): number;
  set_rate(wordsPerMinute: number): number;
  get_samplerate(): number;
  /** Calls back with the pieces of the sound while it works; true ends it. */
  synthesize(text: string, take: (piece: Int16Array | null) => boolean): void;
};
type Package = {
  default(options: object): Promise<{ eSpeakNGWorker: new () => Synthesiser }>;
};

/** One line of JSON a text; answered by one line of JSON, then so many bytes of 16-bit mono. */
type Request = { readonly text: string; readonly voice: string; readonly wordsPerMinute: number };

const mostBytes = 64 * 2 ** 20;

const name = '@echogarden/espeak-ng-emscripten';
const { default: load } = (await import(name)) as Package;
const quiet = { print: () => {}, printErr: () => {} };
const { eSpeakNGWorker } = await load(quiet);
const synthesiser = new eSpeakNGWorker();

// Read and written without Node's streams: the work in between holds the thread anyway.
let rest = '';
const decoder = new TextDecoder();
const buffer = new Uint8Array(65_536);
for (;;) {
  const length = readSync(0, buffer);
  if (length === 0) break; // The server has ended.
  const lines = (rest + decoder.decode(buffer.subarray(0, length), { stream: true })).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) answer(JSON.parse(line) as Request);
}

function answer({ text, voice, wordsPerMinute }: Request): void {
  if (synthesiser.set_voice(voice) !== 0) return send({ error: 'there is no such voice' });
  synthesiser.set_rate(wordsPerMinute);
  const pieces: Buffer[] = [];
  let bytes = 0;
  synthesiser.synthesize(text, (piece) => {
    if (piece === null || bytes > mostBytes) return bytes > mostBytes;
    pieces.push(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    bytes += piece.byteLength;
    return false;
  });
  send({ bytes, sampleRate: synthesiser.get_samplerate() });
  writeAll(Buffer.concat(pieces));
}

function send(header: object): void {
  writeAll(Buffer.from(`${JSON.stringify(header)}\n`));
}

function writeAll(octets: Buffer): void {
  for (let written = 0; written < octets.length; )
    written += writeSync(1, octets, written, octets.length - written);
}
