/** The door of media/speech: something that turns a text into sound. */
export interface SpeechEngine {
  readonly name: string;
  /** Texts it is given at the same time; the others wait. */
  readonly atOnce: number;
  /** Why it cannot speak on this machine, in words that name the fix; undefined: nothing known against it. */
  obstacle(): Promise<string | undefined>;
  /** Resolves with a WAV file of any rate. Rejects with SpeechError, or with `signal.reason` once aborted. */
  synthesize(text: string, how: Utterance): Promise<Uint8Array>;
  /** Ends what it keeps running. Idempotent. */
  close(): Promise<void>;
}

/** How a text is to be spoken. */
export type Utterance = {
  /** As `ru`. */
  readonly language: string;
  /** In the engine's own names; undefined: the engine's voice for the language. */
  readonly voice: string | undefined;
  /** 1: the engine's own speed; 2: twice as fast. */
  readonly rate: number;
  readonly signal: AbortSignal;
};

/**
 * An engine did not speak. The message may be logged: it never holds the text or anything that the engine
 * said, for engines quote the text; that is in `detail`, for whoever typed the text.
 */
export class SpeechError extends Error {
  override readonly name = 'SpeechError';
  readonly #detail: string | undefined;
  /** It is the engine that fails, not this text: others are tried before it for a while. */
  readonly engineDown: boolean;

  constructor(
    message: string,
    options: { readonly detail?: string | undefined; readonly engineDown?: boolean } = {},
  ) {
    super(message);
    this.#detail = options.detail;
    this.engineDown = options.engineDown ?? false;
  }

  /** What the engine said. No field, so that no logger that prints an error's fields prints it. */
  get detail(): string | undefined {
    return this.#detail;
  }
}

/** More than ten minutes of the best sound that an engine makes: nothing longer is taken in. */
export const mostSoundBytes = 64 * 2 ** 20;
