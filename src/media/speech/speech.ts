import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Prompt } from '../../model/party.ts';
import type { SpeechEngineSettings, SpeechSettings } from '../../model/speech-settings.ts';
import { type Choice, chooseLanguage, planSpeech } from './choose-voice.ts';
import { SpeechCache } from './speech-cache.ts';
import { type SpeechEngine, SpeechError } from './speech-engine.ts';
import { Turns } from './turns.ts';

export type SpeechOptions = {
  readonly settings: SpeechSettings;
  /** One for each of the settings', in any order. */
  readonly engines: readonly SpeechEngine[];
  /** Levels, trims and converts what an engine made: `FinishingThread`. */
  readonly finish: (file: Uint8Array) => Promise<Uint8Array>;
  /** Called at the end, when nothing is finished any more. */
  readonly closed?: () => Promise<void>;
  /** Where spoken texts are kept; made when it is missing. */
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
};

/** A text that is ready to be played, and how it came about. */
export type Spoken = {
  readonly prompt: Prompt;
  readonly choice: Choice;
  readonly durationMs: number;
  readonly cached: boolean;
};

/** One engine's part in a failure. */
export type FailedAttempt = { readonly engine: string; readonly error: SpeechError };

/** No engine spoke the text. The message may be logged; `attempts` may quote the text. */
export class SpeechFailed extends Error {
  override readonly name = 'SpeechFailed';
  readonly attempts: readonly FailedAttempt[];

  constructor(attempts: readonly FailedAttempt[]) {
    const reasons = attempts.map(({ engine, error }) => `${engine}: ${error.message}`).join('; ');
    super(`no speech engine spoke: ${reasons || 'none is configured for this language'}`);
    this.attempts = attempts;
  }
}

/** A client waits ten seconds for its answer: all engines together are given less. */
const longestWaitMs = 9_000;
/** An engine that was down is tried after the others for so long. */
const downMs = 30_000;
/** Changes when the same text is finished differently, so that nothing old is played. */
const cacheVersion = 'speech 1';
const wavHeaderBytes = 44;
const bytesPerMs = 16;

/**
 * Texts as prompts: from the disk cache, else by the first engine that manages it in time. Who asks for
 * a text that is being made waits for the same.
 */
export class Speech {
  readonly #options: SpeechOptions;
  readonly #cache: SpeechCache;
  readonly #engines: ReadonlyMap<string, { engine: SpeechEngine; turns: Turns }>;
  /** Monotonic, by engine: until when it counts as down. */
  readonly #downUntil = new Map<string, number>();
  readonly #underWay = new Map<string, Promise<Spoken>>();
  readonly #closing = new AbortController();

  constructor(options: SpeechOptions) {
    this.#options = options;
    const { folder, clock, settings, engines } = options;
    this.#cache = new SpeechCache({ folder, limitBytes: settings.cacheBytes, clock });
    this.#engines = new Map(
      engines.map((engine) => [engine.name, { engine, turns: new Turns(engine.atOnce) }]),
    );
  }

  /** The text as a sound file, for an account by its name. Rejects with SpeechFailed. */
  async speak(account: string | undefined, text: string): Promise<Prompt> {
    return (await this.say(account, text)).prompt;
  }

  /** The same, and how it came about. */
  say(account: string | undefined, text: string): Promise<Spoken> {
    const { settings } = this.#options;
    const words = cleaned(text);
    const plan = planSpeech(settings, account, chooseLanguage(settings, account, words));
    const same = plan.map((choice) => keyOf(choice, words)).join(' ');
    const underWay = this.#underWay.get(same);
    if (underWay !== undefined) return underWay;
    const work = this.#tryAll(plan, words).finally(() => this.#underWay.delete(same));
    this.#underWay.set(same, work);
    return work;
  }

  /** What would be tried for this account and language, and why an engine cannot. */
  plan(
    account: string | undefined,
    language: string,
  ): Promise<readonly { readonly choice: Choice; readonly obstacle: string | undefined }[]> {
    const choices = planSpeech(this.#options.settings, account, language);
    return Promise.all(
      choices.map(async (choice) => ({
        choice,
        obstacle: await this.#engines.get(choice.engine.name)?.engine.obstacle(),
      })),
    );
  }

  /** Ends the engines; texts being made reject. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort(new SpeechError('speech is closed'));
    await Promise.all([...this.#engines.values()].map(({ engine }) => engine.close()));
    await this.#options.closed?.();
  }

  async #tryAll(plan: readonly Choice[], text: string): Promise<Spoken> {
    const { clock, log } = this.#options;
    const giveUpAt = clock.now() + longestWaitMs;
    const attempts: FailedAttempt[] = [];
    for (const choice of this.#upFirst(plan)) {
      const { name } = choice.engine;
      const startedAt = clock.now();
      try {
        const spoken = await this.#find(choice, text);
        if (spoken !== undefined) return spoken;
        const limitMs = Math.min(choice.engine.timeoutMs, giveUpAt - startedAt);
        if (limitMs <= 0) throw new SpeechError('no time was left for it');
        return await this.#make(choice, text, limitMs);
      } catch (error) {
        const known = error instanceof SpeechError ? error : undefined;
        const failed = known ?? new SpeechError((error as Error).message);
        attempts.push({ engine: name, error: failed });
        if (failed.engineDown) this.#downUntil.set(name, clock.now() + downMs);
        const fields = { engine: name, durationMs: Math.round(clock.now() - startedAt) };
        log.warn(fields, `a text was not spoken: ${failed.message}`);
      }
    }
    throw new SpeechFailed(attempts);
  }

  /** Engines that were down a moment ago come last, but they do come. */
  #upFirst(plan: readonly Choice[]): readonly Choice[] {
    const now = this.#options.clock.now();
    const isDown = ({ engine }: Choice): boolean => (this.#downUntil.get(engine.name) ?? 0) > now;
    return [...plan.filter((choice) => !isDown(choice)), ...plan.filter(isDown)];
  }

  async #find(choice: Choice, text: string): Promise<Spoken | undefined> {
    const path = await this.#cache.find(keyOf(choice, text));
    if (path === undefined) return undefined;
    const { size } = await stat(path);
    return { ...spokenAt(path, size), choice, cached: true };
  }

  async #make(choice: Choice, text: string, limitMs: number): Promise<Spoken> {
    const { clock, log, finish } = this.#options;
    const startedAt = clock.now();
    const { name } = choice.engine;
    const stop = new AbortController();
    const late = new SpeechError(`it did not speak within ${Math.round(limitMs)} ms`, {
      engineDown: true,
    });
    const limit = clock.setTimer(limitMs, () => stop.abort(late));
    const signal = AbortSignal.any([stop.signal, this.#closing.signal]);
    try {
      const file = await unlessAborted(signal, async () => {
        const made = await this.#synthesize(choice, text, signal);
        return finish(made);
      });
      const path = await this.#cache.put(keyOf(choice, text), file);
      const durationMs = Math.round(clock.now() - startedAt);
      log.debug({ engine: name, durationMs, characters: text.length }, 'a text was spoken');
      return { ...spokenAt(path, file.length), choice, cached: false };
    } finally {
      limit.cancel();
    }
  }

  async #synthesize(
    { engine: { name }, language, voice, rate }: Choice,
    text: string,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    const { engine, turns } = this.#engines.get(name)!;
    const obstacle = await engine.obstacle();
    if (obstacle !== undefined) throw new SpeechError(obstacle, { engineDown: true });
    await turns.take();
    try {
      signal.throwIfAborted();
      return await engine.synthesize(text, { language, voice, rate, signal });
    } finally {
      turns.giveBack();
    }
  }
}

/** What no voice reads: line breaks and other control characters. */
function cleaned(text: string): string {
  return text
    .normalize('NFC')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

/** The same sound has the same key: everything that shapes it, and nothing else, as its hash. */
function keyOf({ engine, language, voice, rate }: Choice, text: string): string {
  const parts = [cacheVersion, shapeOf(engine), language, voice ?? null, rate, text];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** An engine without what it is called, how it is reached and how long it may take. */
function shapeOf(engine: SpeechEngineSettings): object {
  switch (engine.type) {
    case 'openai': {
      const { type, url, model } = engine;
      return { type, url, model };
    }
    case 'piper': {
      const { type, url } = engine;
      return { type, url };
    }
    case 'command': {
      const { type, command } = engine;
      return { type, command };
    }
    default:
      return { type: engine.type };
  }
}

function spokenAt(path: string, bytes: number): Pick<Spoken, 'prompt' | 'durationMs'> {
  const durationMs = Math.round((bytes - wavHeaderBytes) / bytesPerMs);
  return { prompt: { id: 0, name: 'speech', path }, durationMs };
}

/** What an engine that does not listen to its signal does after the limit is nobody's business. */
function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const stopped = (): void => reject(signal.reason as Error);
  if (signal.aborted) stopped();
  else signal.addEventListener('abort', stopped, { once: true });
  work()
    .then(resolve, reject)
    .finally(() => signal.removeEventListener('abort', stopped));
  return promise;
}
