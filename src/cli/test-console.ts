import { seededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { MediaIntake } from '../model/stored-sound.ts';
import type { Store } from '../store/store.ts';
import { runCli } from './cli.ts';
import type { Services, Terminal } from './services.ts';

/** A media library that takes every file but those named `damaged`. */
export const anySound: MediaIntake = {
  async take(path, { normalize }) {
    if (path.includes('damaged')) return { refused: 'it is damaged' };
    const facts = { contentHash: 'content', durationMs: 2500, sizeBytes: 40_044 };
    const stored = `/library/${path.split('/').at(-1)}`;
    return { sound: { path: stored, ...facts, normalized: normalize, listenFormat: 'wav' } };
  },
  receive: () => Promise.reject(new Error('not expected of a command')),
};

/** A command line without a process: what it wrote, and a way to interrupt it. For tests. */
export class TestConsole {
  stdout = '';
  stderr = '';
  env: Record<string, string> = {};
  /** What is typed when a password is asked for. */
  secret = '';
  prompt = '';
  readonly services: Services;
  readonly #listeners = new Set<(signal: string) => void>();

  constructor(services: Partial<Services> = {}) {
    const unused = (): never => {
      throw new Error('not expected of this command');
    };
    this.services = {
      clock: new VirtualClock(),
      random: seededRandom(1),
      assetsFolder: '/assets',
      startServer: unused,
      openStore: unused,
      openSpeech: unused,
      openMediaLibrary: async () => ({ ...anySound, close: async () => {} }),
      runDemo: unused,
      hashPassword: async (password) => `hash of ${password}`,
      verifyPassword: async (password, hash) => hash === `hash of ${password}`,
      hashToken: (token) => `sha-256 of ${token}`,
      ...services,
    };
  }

  /** The services of commands that work on one store, which stays open between them. */
  static on(store: Store): TestConsole {
    const kept: Store = {
      ...store,
      transaction: (work) => store.transaction(work),
      close: async () => {},
    };
    return new TestConsole({ openStore: async () => kept });
  }

  /** Runs `dozvon …args` and answers its exit code; the outputs are of this run only. */
  run(...args: readonly string[]): Promise<number> {
    this.stdout = '';
    this.stderr = '';
    const { services } = this;
    return runCli(args, { terminal: this.#terminal(), services, version: '1.2.3' });
  }

  /** As the kernel would; false when nobody listens. */
  signal(name: string): boolean {
    const heard = this.#listeners.size > 0;
    for (const listener of this.#listeners) listener(name);
    return heard;
  }

  #terminal(): Terminal {
    return {
      env: this.env,
      cwd: '/nonexistent',
      out: (text) => {
        this.stdout += text;
      },
      err: (text) => {
        this.stderr += text;
      },
      colours: false,
      readSecret: async (prompt) => {
        this.prompt = prompt;
        return this.secret;
      },
      onSignal: (listener) => {
        this.#listeners.add(listener);
        return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
      },
    };
  }
}
