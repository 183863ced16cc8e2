import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Clock, Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';

/** PEM files: the certificate with the intermediate ones after it, and its key. */
export type IdentityFiles = { readonly certificate: string; readonly key: string };

/** How often the files are looked at: certificates are renewed weeks before they end. */
const lookMs = 10_000;
/** RFC 9325 section 3.1.1: nothing older. */
export const minVersion = 'TLSv1.2';

type Pair = { readonly cert: string; readonly key: string };

/**
 * Our own certificate: of those who connect to us, and shown to those who ask when we connect. When the
 * files change, handshakes from then on use the new one; connections that are open know nothing of it.
 */
export class TlsIdentity {
  readonly #files: IdentityFiles;
  readonly #clock: Clock;
  readonly #log: Logger;
  #pair: Pair;
  #context: SecureContext;
  #timer: Timer | undefined;
  /** What was read last, good or not: it is complained about once. */
  #seen: string;

  /** Throws when the files cannot be read or do not belong together. */
  constructor(files: IdentityFiles, clock: Clock, log: Logger) {
    this.#files = files;
    this.#clock = clock;
    this.#log = log;
    const { certificate, key } = files;
    try {
      this.#pair = { cert: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
      this.#context = createSecureContext({ ...this.#pair, minVersion });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`SIP over TLS: the certificate ${certificate} and the key ${key}: ${reason}`);
    }
    this.#seen = this.#pair.cert + this.#pair.key;
    this.#lookLater();
  }

  get context(): SecureContext {
    return this.#context;
  }

  get pair(): Pair {
    return this.#pair;
  }

  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Files in the middle of being written do not fit together: what holds goes on until they do. */
  async reload(): Promise<void> {
    const { certificate, key } = this.#files;
    try {
      const [cert, keyText] = await Promise.all([
        readFile(certificate, 'utf8'),
        readFile(key, 'utf8'),
      ]);
      if (this.#seen === cert + keyText) return;
      this.#seen = cert + keyText;
      const pair = { cert, key: keyText };
      this.#context = createSecureContext({ ...pair, minVersion });
      this.#pair = pair;
      this.#log.info({ certificate }, 'the SIP certificate has changed: new connections use it');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#log.warn({ certificate, error: reason }, 'the new SIP certificate cannot be used yet');
    }
  }

  #lookLater(): void {
    this.#timer = this.#clock.setTimer(lookMs, () => {
      void this.reload().then(() => {
        if (this.#timer !== undefined) this.#lookLater();
      });
    });
  }
}
