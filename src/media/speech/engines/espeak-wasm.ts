import { type ChildProcess, spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Clock, Timer } from '../../../base/clock.ts';
import { writeWav } from '../../audio/wav.ts';
import {
  mostSoundBytes,
  type SpeechEngine,
  SpeechError,
  type Utterance,
} from '../speech-engine.ts';
import { espeakSpeed, espeakText } from './espeak-text.ts';
import { programEnvironment } from './run-program.ts';

export const espeakPackage = '@echogarden/espeak-ng-emscripten';
const program = fileURLToPath(new URL('../gpl/espeak-child.ts', import.meta.url));
/** Its 100 MB are given back when nobody has spoken for so long. */
const idleMs = 600_000;

/**
 * eSpeak NG as WebAssembly, in a child process over its standard input and output: nothing of it is
 * loaded into this process, for its licence is the GPL. Begun with the first text, begun again when it
 * died; a text it was busy with is tried once more.
 */
export class EspeakWasm implements SpeechEngine {
  readonly name: string;
  /** One thread, and one answer after the other. */
  readonly atOnce = 1;
  readonly #clock: Clock;
  #child: Child | undefined;
  #idle: Timer | undefined;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  /** Of the child process; undefined while there is none. */
  get processId(): number | undefined {
    return this.#child?.alive === true ? this.#child.processId : undefined;
  }

  async obstacle(): Promise<string | undefined> {
    try {
      await stat(fileURLToPath(import.meta.resolve(espeakPackage)));
      return undefined;
    } catch {
      return `the optional package ${espeakPackage} is not installed: run npm ci without --omit=optional`;
    }
  }

  async synthesize(text: string, how: Utterance): Promise<Uint8Array> {
    this.#idle?.cancel();
    try {
      return await this.#ask(text, how);
    } catch (error) {
      if (!(error instanceof ChildDied) || how.signal.aborted) throw error;
      return await this.#ask(text, how);
    } finally {
      this.#idle = this.#clock.setTimer(idleMs, () => this.#end());
    }
  }

  async close(): Promise<void> {
    this.#end();
  }

  #ask(text: string, { language, voice = language, rate, signal }: Utterance): Promise<Uint8Array> {
    signal.throwIfAborted();
    if (this.#child?.alive !== true) this.#child = new Child();
    const child = this.#child;
    const request = { text: espeakText(text), voice, wordsPerMinute: espeakSpeed(rate) };
    return child.ask(request, signal);
  }

  #end(): void {
    this.#idle?.cancel();
    this.#child?.end(new SpeechError('speech is closed'));
    this.#child = undefined;
  }
}

/** The process ended under a text; another may do better. */
class ChildDied extends SpeechError {}

type Answer = { readonly bytes: number; readonly sampleRate: number } | { readonly error: string };

/** One run of the program: a line of JSON goes in, a line of JSON and samples come out. */
class Child {
  readonly #process: ChildProcess;
  readonly #pieces: Buffer[] = [];
  #length = 0;
  #header: Answer | undefined;
  #waiting: PromiseWithResolvers<Uint8Array> | undefined;
  alive = true;

  constructor() {
    // The pipes are not to keep this process alive, only a text that is being spoken is.
    this.#process = spawn(process.execPath, [program], {
      env: programEnvironment(),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#process.stdin!.on('error', () => {});
    this.#process.stdout!.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#process.once('error', (cause) => this.#died(cause.message));
    this.#process.once('exit', (code, killedBy) =>
      this.#died(killedBy === null ? `exit code ${code}` : killedBy),
    );
  }

  get processId(): number | undefined {
    return this.#process.pid;
  }

  async ask(request: object, signal: AbortSignal): Promise<Uint8Array> {
    const waiting = Promise.withResolvers<Uint8Array>();
    this.#waiting = waiting;
    // Busy, it hears nothing: who gives up ends it.
    const stop = (): void => this.end(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
    this.#process.stdin!.write(`${JSON.stringify(request)}\n`);
    try {
      return await waiting.promise;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }

  end(reason: Error): void {
    this.alive = false;
    this.#process.kill('SIGKILL');
    this.#settle((waiting) => waiting.reject(reason));
  }

  #died(how: string): void {
    this.alive = false;
    const reason = new ChildDied(`the process of ${espeakPackage} ended: ${how}`, {
      engineDown: true,
    });
    this.#settle((waiting) => waiting.reject(reason));
  }

  #settle(how: (waiting: PromiseWithResolvers<Uint8Array>) => void): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) how(waiting);
  }

  #receive(chunk: Buffer): void {
    let part = chunk;
    if (this.#header === undefined) {
      const end = part.indexOf(0x0a);
      this.#pieces.push(end < 0 ? part : part.subarray(0, end));
      if (end < 0) return;
      this.#header = answerOf(this.#taken().toString());
      part = part.subarray(end + 1);
    }
    this.#pieces.push(part);
    this.#length += part.length;
    const header = this.#header;
    if ('error' in header) this.#answered((it) => it.reject(new SpeechError(header.error)));
    else if (header.bytes > mostSoundBytes)
      this.end(new SpeechError('it made more than ten minutes of sound'));
    else if (this.#length >= header.bytes)
      this.#answered((it, sound) => it.resolve(wavOf(sound, header.sampleRate)));
  }

  #answered(how: (waiting: PromiseWithResolvers<Uint8Array>, sound: Buffer) => void): void {
    const sound = this.#taken();
    this.#header = undefined;
    this.#settle((waiting) => how(waiting, sound));
  }

  #taken(): Buffer {
    const all = Buffer.concat(this.#pieces);
    this.#pieces.length = 0;
    this.#length = 0;
    return all;
  }
}

/** What is no answer is as an error: the process is not ours to trust. */
function answerOf(line: string): Answer {
  try {
    return JSON.parse(line) as Answer;
  } catch {
    return { error: 'its process answered something else than asked' };
  }
}

/** A header that leaves the length open, then the samples as they are: nothing is converted. */
function wavOf(octets: Buffer, sampleRate: number): Uint8Array {
  return Buffer.concat([writeWav(sampleRate, new Int16Array(0)), octets]);
}
