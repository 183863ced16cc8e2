import type { Clock } from '../base/clock.ts';
import { NetworkSet, privateNetworks } from '../base/network.ts';
import type { AccessKey, Account, Store, User } from '../store/store.ts';
import { ApiError } from './errors.ts';
import { hashToken, sameHash } from './tokens.ts';

/** Who sends a request; `key` is undefined while logging in. */
export type Caller = {
  readonly account: Account;
  readonly user: User;
  readonly key?: AccessKey;
};

/** How long an answer of the store is trusted: a block made by any process is felt within it. */
const trustedMs = 1_000;
const mostEntries = 10_000;
const longestToken = 1_024;

type Entry = { readonly caller: Caller; readonly due: number };
type Networks = { readonly set: NetworkSet; readonly due: number };

/** Finds the caller of an access token, with a short memory so that a busy key costs no query each time. */
export class Access {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  readonly #networks = new Map<number, Networks>();

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Throws `access_token_invalid`, `_blocked` or `_expired`. */
  async resolve(token: string): Promise<Caller> {
    const caller = token.length > longestToken ? undefined : await this.#find(hashToken(token));
    const key = caller?.key;
    if (key === undefined) throw invalid();
    if (key.blocked) throw new ApiError('access_token_blocked', field);
    if (key.expiresAt !== null && key.expiresAt * 1000 <= this.#clock.wallTime())
      throw key.kind === 'session' ? invalid() : new ApiError('access_token_expired', field);
    return caller!;
  }

  /**
   * Whether the account's list lets this IP address in, step 7 of the order of checks. The vendor
   * refuses everybody until an address is listed; an empty list here lets in loopback and private ranges.
   */
  async allows({ id }: Account, address: string): Promise<boolean> {
    const known = this.#networks.get(id);
    if (known !== undefined && this.#clock.now() < known.due) return known.set.has(address);
    const list = await this.#store.allowList.list(id);
    const set = new NetworkSet(list.length === 0 ? privateNetworks : list);
    this.#networks.set(id, { set, due: this.#clock.now() + trustedMs });
    return set.has(address);
  }

  /** To be called when a key of this process's own doing is gone. */
  forget({ tokenHash }: AccessKey): void {
    this.#entries.delete(tokenHash);
  }

  /** To be called when a method of administration changed users, keys, lists or limits. */
  forgetAll(): void {
    this.#entries.clear();
    this.#networks.clear();
  }

  async #find(tokenHash: string): Promise<Caller | undefined> {
    const entry = this.#entries.get(tokenHash);
    if (entry !== undefined && this.#clock.now() < entry.due) return entry.caller;
    this.#entries.delete(tokenHash);

    const key = await this.#store.keys.byTokenHash(tokenHash);
    if (key === undefined || !sameHash(key.tokenHash, tokenHash)) return undefined;
    const user = await this.#store.users.byId(key.userId);
    const account = await this.#store.accounts.byId(key.accountId);
    if (user === undefined || account === undefined) return undefined;

    const caller = { account, user, key };
    if (this.#entries.size >= mostEntries) this.#entries.clear();
    this.#entries.set(tokenHash, { caller, due: this.#clock.now() + trustedMs });
    return caller;
  }
}

const field = { field: 'access_token' };

function invalid(): ApiError {
  return new ApiError('access_token_invalid', field);
}
