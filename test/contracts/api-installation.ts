import { createHttpApi, type HttpApi, type HttpApiOptions } from '../../src/api/http-server.ts';
import type { Speech } from '../../src/api/method.ts';
import { hashPassword } from '../../src/api/passwords.ts';
import { hashToken } from '../../src/api/tokens.ts';
import { nextMidnight } from '../../src/api/zone-time.ts';
import type { Logger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { LocalEventBus } from '../../src/bus/local-event-bus.ts';
import type { ActiveCall, CallService } from '../../src/calls/call-service.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import type { Prompt } from '../../src/model/party.ts';
import type { SimpleCallOrder } from '../../src/model/simple-call-order.ts';
import { NumberRules } from '../../src/numbers/number-rules.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Account, Store, User } from '../../src/store/store.ts';

/** Calls that only take note of what is asked of them. */
export class FakeCalls implements CallService {
  readonly orders: SimpleCallOrder[] = [];
  readonly released: number[] = [];
  readonly live = new Map<number, { accountId: number; call: ActiveCall; events: CallEvent[] }>();
  /** What `start` does instead of answering 237859081, 237859082 ... */
  failure: Error | undefined;

  async start(order: SimpleCallOrder): Promise<number> {
    if (this.failure) throw this.failure;
    this.orders.push(order);
    return 237859080 + this.orders.length;
  }

  active(accountId: number): readonly ActiveCall[] {
    return [...this.live.values()].filter((it) => it.accountId === accountId).map((it) => it.call);
  }

  release(accountId: number, callSessionId: number): boolean {
    if (this.live.get(callSessionId)?.accountId !== accountId) return false;
    this.released.push(callSessionId);
    return true;
  }

  events(accountId: number, callSessionId: number): readonly CallEvent[] | undefined {
    const live = this.live.get(callSessionId);
    return live?.accountId === accountId ? live.events : undefined;
  }
}

/** Speech that only takes note of what is asked of it. */
export class FakeSpeech implements Speech {
  readonly texts: string[] = [];
  /** What `speak` does instead of answering. */
  failure: Error | undefined;

  async speak(account: string, text: string): Promise<Prompt> {
    this.texts.push(`${account}: ${text}`);
    if (this.failure) throw this.failure;
    return { id: 0, name: 'speech', path: `/speech/${this.texts.length}.wav` };
  }
}

/** An answer as a client reads it. */
export type Answer = {
  readonly jsonrpc: string;
  readonly id: unknown;
  readonly result?: { readonly data: never; readonly metadata: { readonly limits: Limits } };
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: {
      readonly mnemonic: string;
      readonly field: string | null;
      readonly value: string | null;
      readonly params: Record<string, unknown>;
      readonly extended_helper: null;
      readonly metadata: { readonly limits?: Limits };
    };
  };
};

type Limits = Record<string, number>;

export const password = 'correct horse';
/** Permanent keys of the user of account one; `other` is of account two. */
export const tokens = {
  valid: 'token-of-account-one',
  blocked: 'token-that-is-blocked',
  expired: 'token-past-its-end',
  noRight: 'token-of-a-user-without-the-right',
  inactive: 'token-of-an-inactive-account',
  limited: 'token-of-an-account-of-three-points',
  disabled: 'token-of-an-account-without-components',
  other: 'token-of-account-two',
  mute: 'token-of-an-account-without-speech',
} as const;

export type Installation = {
  readonly store: Store;
  readonly calls: FakeCalls;
  readonly speech: FakeSpeech;
  readonly numbers: NumberRules;
  readonly bus: LocalEventBus;
  readonly clock: VirtualClock;
  readonly api: HttpApi;
  readonly account: Account;
  /** Everything that was logged, as JSON. */
  readonly logged: string[];
  /** Posts a body; the status must be 200. */
  post(body: string | Uint8Array<ArrayBuffer>, headers?: Record<string, string>): Promise<Answer>;
  /** Calls a method with account one's key unless the parameters name another. */
  call(method: string, params?: Record<string, unknown>): Promise<Answer>;
  close(): Promise<void>;
};

const baseAccount: Omit<Account, 'id' | 'name'> = {
  active: true,
  timeZone: 'Europe/Moscow',
  minuteLimit: 100_000,
  dayLimit: 500_000,
  ttsMaxLength: 20,
  disabledComponents: [],
};

/** One API over a store in memory, with accounts for every kind of refusal. The clock stands at 2026-01-01. */
export async function installation(overrides: Partial<HttpApiOptions> = {}): Promise<Installation> {
  const clock = new VirtualClock({ wallStart: Date.UTC(2026, 0, 1, 9, 30, 15, 418) });
  const logged: string[] = [];
  const log = capturing(logged);
  const store = await openSqliteStore({ path: ':memory:', log, clock });
  const account = await fill(store, clock);
  const calls = new FakeCalls();
  const speech = new FakeSpeech();
  const bus = new LocalEventBus(log);
  const random = seededRandom(1);
  const address = { host: '127.0.0.1', port: 0 };
  const endCall = (accountId: number, id: number): void => void calls.release(accountId, id);
  const numbers = new NumberRules({ store, clock, random, log, nextMidnight, endCall });
  bus.subscribe((event) => numbers.take(event));
  const api = createHttpApi({
    store,
    calls,
    speech,
    numbers,
    bus,
    clock,
    random,
    log,
    address,
    ...overrides,
  });
  const post: Installation['post'] = async (body, headers = {}) => {
    const response = await api.fetch(
      new Request('http://test/v4.0', { method: 'POST', body, headers }),
    );
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    return (await response.json()) as Answer;
  };
  return {
    store,
    calls,
    speech,
    numbers,
    bus,
    clock,
    api,
    account,
    logged,
    post,
    call: (method, params = {}) =>
      post(
        JSON.stringify({
          jsonrpc: '2.0',
          id: 'req1',
          method,
          params: {
            access_token: tokens.valid,
            ...params,
          },
        }),
      ),
    async close() {
      await api.close();
      await store.close();
    },
  };
}

async function fill(store: Store, clock: VirtualClock): Promise<Account> {
  // A low cost: what is tested is not how hard it is to guess.
  const passwordHash = await hashPassword(password, { N: 2, r: 8, p: 1 });
  const now = Math.floor(clock.wallTime() / 1000);
  const add = async (
    name: string,
    token: string,
    { callApi = true, dataApi = true, ...values }: Partial<Account & User> = {},
  ): Promise<Account> => {
    const account = await store.accounts.put({ ...baseAccount, ...values, name });
    const user = {
      accountId: account.id,
      login: `user of ${name}`,
      passwordHash,
      callApi,
      dataApi,
    };
    await addKey(store, await store.users.put(user), { token });
    return account;
  };
  const one = await add('one', tokens.valid);
  const user = (await store.users.byLogin('user of one'))!;
  await addKey(store, user, { token: tokens.blocked, blocked: true });
  await addKey(store, user, { token: tokens.expired, expiresAt: now });
  await add('right', tokens.noRight, { callApi: false, dataApi: false });
  await add('inactive', tokens.inactive, { active: false });
  await add('limited', tokens.limited, { minuteLimit: 3 });
  await add('disabled', tokens.disabled, {
    disabledComponents: ['Call API Базовый набор', 'Call API Управление вызовами'],
  });
  await add('mute', tokens.mute, { disabledComponents: ['Text-to-Speech'] });
  const two = await add('two', tokens.other);
  await addBelongings(store, one, two);
  return one;
}

async function addBelongings(store: Store, one: Account, two: Account): Promise<void> {
  const number = { active: true, label: '' };
  await store.numbers.put({ ...number, accountId: one.id, number: '74993720692' });
  await store.numbers.put({ ...number, accountId: one.id, number: '74993720693' });
  await store.numbers.put({ ...number, accountId: one.id, number: '74993720694', active: false });
  await store.numbers.put({ ...number, accountId: two.id, number: '74993720695' });
  await store.blacklist.add(one.id, '79990000001');
  const file = { contentHash: '', durationMs: 1000 };
  const addFile = (id: number, accountId: number | null, name: string) =>
    store.media.put({ id, accountId, name, path: `/media/${name}.wav`, ...file });
  await addFile(1, null, 'dialing_music');
  await addFile(2, null, 'ringback');
  await addFile(2701, one.id, 'jingle');
  await addFile(2561, one.id, 'whisper');
  await addFile(2562, two.id, 'of-account-two');
}

function addKey(
  store: Store,
  user: { readonly id: number; readonly accountId: number },
  { token, ...values }: { token: string; blocked?: boolean; expiresAt?: number },
): Promise<unknown> {
  return store.keys.add({
    accountId: user.accountId,
    userId: user.id,
    kind: 'permanent',
    label: token,
    tokenHash: hashToken(token),
    expiresAt: null,
    blocked: false,
    ...values,
  });
}

function capturing(lines: string[]): Logger {
  const take = (fields: object, text: string): void => {
    lines.push(JSON.stringify({ ...fields, text }, showErrors));
  };
  const log: Logger = { debug: take, info: take, warn: take, error: take, child: () => log };
  return log;
}

/** Errors as a real logger writes them: with their text and stack. */
function showErrors(_: string, value: unknown): unknown {
  return value instanceof Error ? `${value.stack}` : value;
}
