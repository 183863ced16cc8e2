/** How an installation speaks: what `speech` of the configuration says, with every default filled in. */
export type SpeechSettings = {
  /** In the order in which they are tried. */
  readonly engines: readonly SpeechEngineSettings[];
  readonly overrides: readonly SpeechOverride[];
  /** Of every text; `auto`: found from the text. */
  readonly language: string;
  /** For the first engine, where nothing closer names one. */
  readonly voice?: string;
  /** 1: as fast as the engine speaks by itself; 2: twice as fast. */
  readonly rate: number;
  /** What the disk cache may hold. */
  readonly cacheBytes: number;
};

/** What differs for one account, one language, or both; the closer fit wins, key by key. */
export type SpeechOverride = {
  /** Name of the account; undefined: all. */
  readonly account?: string;
  /** Language of the text; undefined: all. */
  readonly forLanguage?: string;
  readonly language?: string;
  /** Names, in the order in which they are tried. */
  readonly engines?: readonly string[];
  readonly voice?: string;
  readonly rate?: number;
};

/** One speech engine: what all kinds have, and what its kind needs. */
export type SpeechEngineSettings = {
  readonly name: string;
  /** It is not waited for any longer. */
  readonly timeoutMs: number;
  /** What it can speak, as `ru`; empty: any language. */
  readonly languages: readonly string[];
  readonly voice?: string;
  readonly rate?: number;
} & SpeechEngineKind;

export type SpeechEngineKind =
  /** The program of that name on PATH. */
  | { readonly type: 'espeak-ng' }
  /** The same synthesiser as WebAssembly, from an optional package, in a process of its own. */
  | { readonly type: 'espeak-ng-wasm' }
  /** Any service with OpenAI's speech request; `pcm` is raw 16-bit mono at `pcmRate` Hz. */
  | {
      readonly type: 'openai';
      readonly url: string;
      readonly path: string;
      readonly apiKey?: string;
      readonly model: string;
      readonly format: 'wav' | 'pcm';
      readonly pcmRate: number;
    }
  | { readonly type: 'piper'; readonly url: string; readonly path: string }
  /** SpeechKit v1: an API key or an IAM token, the latter with the folder. */
  | {
      readonly type: 'yandex';
      readonly url: string;
      readonly apiKey?: string;
      readonly iamToken?: string;
      readonly folderId?: string;
    }
  /** Program and arguments; it writes a WAV file to standard output. */
  | { readonly type: 'command'; readonly command: readonly string[] };
