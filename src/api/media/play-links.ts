import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { SecretStore } from '../../store/store.ts';

export type PlayLinkParts = {
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly random: Random;
  /** How long a link plays. */
  readonly linkMs: number;
};

/** What a link lets its bearer hear. */
export type Ticket = {
  readonly fileId: number;
  /** Of the account that was given the link. */
  readonly accountId: number;
  /** Unix seconds. */
  readonly expires: number;
};

const secretName = 'play_link';

/**
 * Links by which a browser plays a media file without a token: file, account and end of validity are
 * signed by HMAC-SHA-256 with a key of this installation, made once and kept in its store.
 *
 *     /media/2561?account=1&expires=1767263415&signature=<43 characters>
 */
export class PlayLinks {
  readonly #parts: PlayLinkParts;
  #key: Promise<Buffer> | undefined;

  constructor(parts: PlayLinkParts) {
    this.#parts = parts;
  }

  /** Links for an account, by the id of a file; `origin` is what they begin with. */
  async of(origin: string, accountId: number): Promise<(fileId: number) => string> {
    const key = await this.#obtainKey();
    const expires = Math.floor((this.#parts.clock.wallTime() + this.#parts.linkMs) / 1000);
    return (fileId) => {
      const signature = sign(key, { fileId, accountId, expires });
      return `${origin}/media/${fileId}?account=${accountId}&expires=${expires}&signature=${signature}`;
    };
  }

  /** The ticket of a link, or why it is none, for people. */
  async check(
    fileId: string,
    query: (name: string) => string | undefined,
  ): Promise<Ticket | { readonly refused: string }> {
    const values = [fileId, query('account') ?? '', query('expires') ?? ''];
    if (!values.every((it) => /^[0-9]{1,15}$/.test(it))) return invalid;
    const [file, accountId, expires] = values.map(Number) as [number, number, number];
    const ticket = { fileId: file, accountId, expires };
    const sent = Buffer.from(query('signature') ?? '');
    const right = Buffer.from(sign(await this.#obtainKey(), ticket));
    if (sent.length !== right.length || !timingSafeEqual(sent, right)) return invalid;
    if (expires * 1000 > this.#parts.clock.wallTime()) return ticket;
    return { refused: 'the link has expired: ask for a new one by get.media_files' };
  }

  #obtainKey(): Promise<Buffer> {
    const { secrets, random } = this.#parts;
    this.#key ??= secrets.obtain(secretName, random.hex(32)).then(
      (hex) => Buffer.from(hex, 'hex'),
      (error: unknown) => {
        this.#key = undefined; // The next link tries again.
        throw error;
      },
    );
    return this.#key;
  }
}

const invalid = {
  refused: 'the link is not one of this server, or was changed: ask for one by get.media_files',
};

function sign(key: Buffer, { fileId, accountId, expires }: Ticket): string {
  return createHmac('sha256', key)
    .update(`play ${fileId} ${accountId} ${expires}`)
    .digest('base64url');
}
