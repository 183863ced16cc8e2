import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Account, Store } from '../store/store.ts';
import type { CallLimiter } from './call-limiter.ts';

export type UsageParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly limiter: Pick<CallLimiter, 'remember' | 'rememberMinutes'>;
};

const minuteMs = 60_000;
const recordsAtOnce = 100;

type PastCall = {
  readonly accountId: number;
  readonly contact: string;
  readonly operator: string;
  readonly startedAt: number;
};

/** Fills the counters of a limiter from what was stored before this process began. */
export async function restoreUsage(parts: UsageParts): Promise<void> {
  const { store, clock, limiter } = parts;
  const now = clock.wallTime();
  const accounts = new Map((await store.accounts.list()).map((it) => [it.id, it]));
  for (const { accountId, dayEndsAt, usedMs } of await store.minuteUse.list()) {
    const account = accounts.get(accountId);
    if (account !== undefined && dayEndsAt > now)
      limiter.rememberMinutes({ accountId, timeZone: account.timeZone }, usedMs);
  }
  const since = now - minuteMs;
  const calls = await interrupted(parts, since);
  for (const { id } of accounts.values())
    for await (const call of recordsSince(store, id, since)) calls.push(call);
  for (const call of calls) {
    const account = accounts.get(call.accountId);
    if (account !== undefined) await remember(call, account, parts);
  }
}

async function remember(
  { accountId, contact, operator, startedAt }: PastCall,
  { timeZone }: Account,
  { store, clock, limiter }: UsageParts,
): Promise<void> {
  const { limits } = await store.security.of(accountId);
  const ageMs = Math.max(0, clock.wallTime() - startedAt);
  limiter.remember({ accountId, timeZone, contact, operator, limits }, ageMs);
}

/** By their ids calls are in the order in which they began. */
async function* recordsSince(
  store: Store,
  accountId: number,
  since: number,
): AsyncIterable<PastCall> {
  for (let offset = 0; ; offset += recordsAtOnce) {
    const page = await store.calls.records(accountId, { limit: recordsAtOnce, offset });
    for (const record of page) {
      if (record.startedAt <= since) return;
      yield record;
    }
    if (page.length < recordsAtOnce) return;
  }
}

/** Calls that the end of a process cut off have no record; their journal begins with the order. */
async function interrupted({ store, log }: UsageParts, since: number): Promise<PastCall[]> {
  const calls: PastCall[] = [];
  for (const callSessionId of (await store.calls.unfinished()).toReversed()) {
    const [first] = await store.calls.journal(callSessionId);
    const { order } = (first === undefined ? {} : JSON.parse(first.data)) as Order;
    if (first === undefined || order === undefined) {
      log.warn({ callSessionId }, 'a journal without an order is not counted');
      continue;
    }
    if (first.at <= since) break;
    const { accountId, contact, operator } = order;
    calls.push({ accountId, contact, operator, startedAt: first.at });
  }
  return calls;
}

/** As calls/call-registry.ts writes it. */
type Order = { readonly order?: Omit<PastCall, 'startedAt'> };
