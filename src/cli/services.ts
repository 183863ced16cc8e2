import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { BootstrapDeps } from '../config/bootstrap.ts';
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { Speech } from '../media/speech/speech.ts';
import type { MediaIntake } from '../model/stored-sound.ts';
import type { Store } from '../store/store.ts';

/** What a command is given of the world: where it reads, writes and is interrupted. */
export type Terminal = {
  readonly env: Environment;
  readonly cwd: string;
  /** Text for people or programs that asked for it. */
  out(text: string): void;
  /** Complaints and progress. */
  err(text: string): void;
  /** Escape sequences may be used in what `out` writes. */
  readonly colours: boolean;
  /** Asks for a secret without showing it; from a pipe: the first line. */
  readSecret(prompt: string): Promise<string>;
  /** Tells of each SIGINT, SIGTERM and SIGHUP until disposed of. */
  onSignal(listener: (signal: string) => void): Disposable;
};

/** What `serve` uses of a running server. */
export type ServerHandle = {
  readonly httpAddress: SocketAddress;
  readonly sipAddress: SocketAddress;
  /**
   * Takes no new call, lets the running ones end within the limit (default: as configured), hangs up
   * the rest. May be called again with a shorter limit.
   */
  stop(limitMs?: number): Promise<void>;
};

/** The rest of the program as the commands see it; `main.ts` fills it in. */
export type Services = BootstrapDeps & {
  readonly clock: Clock;
  readonly random: Random;
  /** Where the messages of the sandbox lie. */
  readonly assetsFolder: string;
  /** `prepare` fills the store before the first request is taken. */
  startServer(
    config: Config,
    options: {
      readonly log: Logger;
      readonly prepare: (store: Store, media: MediaIntake) => Promise<void>;
    },
  ): Promise<ServerHandle>;
  openStore(config: Config, log: Logger): Promise<Store>;
  openSpeech(config: Config, log: Logger): Promise<Speech>;
  openMediaLibrary(config: Config, log: Logger): Promise<OpenMediaLibrary>;
  runDemo(options: DemoOptions): Promise<number>;
};

/** The way into the media library, also beside a running server. */
export type OpenMediaLibrary = MediaIntake & { close(): Promise<void> };

export type DemoOptions = {
  readonly scenario: string | undefined;
  readonly list: boolean;
  readonly keep: boolean;
  readonly json: boolean;
  /** Where the WAV files of what each ear heard go; undefined: `demo-output` in the working folder. */
  readonly output: string | undefined;
};
