import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Cdr } from '../model/cdr.ts';
import type { SecurityRules } from '../model/security-rules.ts';
import type { Account, JournalEntry, Store } from '../store/store.ts';
import type { CallLimiter } from './call-limiter.ts';

export type UsageParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly nextMidnight: (timeZone: string, at: number) => number;
  readonly log: Logger;
  readonly limiter: Pick<CallLimiter, 'remember' | 'rememberMinutes'>;
};

const minuteMs = 60_000;
/** No call lasts longer: `calls.max_call_minutes` ends at 1440. */
const longestCallMs = 1440 * minuteMs;
const recordsAtOnce = 500;

/** A call that is over, or was cut off with the process. */
type PastCall = {
  readonly accountId: number;
  readonly contact: string;
  readonly operator: string;
  readonly startedAt: number;
  /** From the answer to the end of each answered leg, wall ms. */
  readonly answered: readonly (readonly [from: number, to: number])[];
};

/** Fills the counters of a limiter from what was stored before this process began. */
export async function restoreUsage(parts: UsageParts): Promise<void> {
  const cutOff = await interrupted(parts);
  for (const account of await parts.store.accounts.list()) {
    const rules = await parts.store.security.of(account.id);
    const now = parts.clock.wallTime();
    const midnight = lastMidnight(parts.nextMidnight, account.timeZone, now);
    const { minutesPerDay } = rules.limits;
    const since = minutesPerDay === null ? now - minuteMs : midnight - longestCallMs;
    const past = cutOff.filter(({ accountId }) => accountId === account.id);
    for await (const record of recordsSince(parts.store, account.id, since)) past.push(record);
    for (const call of past) restoreCall(call, { account, rules, now, midnight }, parts.limiter);
  }
}

function restoreCall(
  { contact, operator, startedAt, answered }: PastCall,
  at: { account: Account; rules: SecurityRules; now: number; midnight: number },
  limiter: UsageParts['limiter'],
): void {
  const { id: accountId, timeZone } = at.account;
  const { limits } = at.rules;
  const ageMs = Math.max(0, at.now - startedAt);
  if (ageMs < minuteMs) limiter.remember({ accountId, timeZone, contact, operator, limits }, ageMs);
  let ms = 0;
  for (const [from, to] of answered) ms += Math.max(0, to - Math.max(from, at.midnight));
  if (ms > 0) limiter.rememberMinutes({ accountId, timeZone }, ms);
}

async function* recordsSince(
  store: Store,
  accountId: number,
  since: number,
): AsyncIterable<PastCall> {
  for (let offset = 0; ; offset += recordsAtOnce) {
    const page = await store.calls.records(accountId, { limit: recordsAtOnce, offset });
    for (const record of page) {
      if (record.startedAt < since) return;
      yield { ...record, answered: answeredOf(record) };
    }
    if (page.length < recordsAtOnce) return;
  }
}

const answeredOf = ({ legs }: Cdr): PastCall['answered'] =>
  legs.flatMap(({ answeredAt, endedAt }) =>
    answeredAt === null ? [] : [[answeredAt, endedAt] as const],
  );

/** Calls that the end of a process cut off have no record; their journal says how far they came. */
async function interrupted({ store, log }: UsageParts): Promise<PastCall[]> {
  const calls: PastCall[] = [];
  for (const callSessionId of await store.calls.unfinished()) {
    const call = fromJournal(await store.calls.journal(callSessionId));
    if (call === undefined)
      log.warn({ callSessionId }, 'a journal without an order is not counted');
    else calls.push(call);
  }
  return calls;
}

type Order = { readonly order?: Pick<PastCall, 'accountId' | 'contact' | 'operator'> };
type LegInput = { readonly legId?: number; readonly event?: { readonly type?: string } };

/** As calls/call-registry.ts writes it: the order first, then what each leg's line told. */
function fromJournal(entries: readonly JournalEntry[]): PastCall | undefined {
  const first = entries[0];
  const last = entries.at(-1);
  const { order } = first === undefined ? {} : (JSON.parse(first.data) as Order);
  if (first === undefined || last === undefined || order === undefined) return undefined;
  const inputs = entries
    .filter(({ kind }) => kind === 'leg')
    .map(({ at, data }) => ({ at, ...(JSON.parse(data) as LegInput) }));
  const answered = inputs
    .filter(({ event }) => event?.type === 'answered')
    .map(({ at, legId }) => {
      const ended = inputs.find((it) => it.legId === legId && it.event?.type === 'ended');
      return [at, ended?.at ?? last.at] as const;
    });
  const { accountId, contact, operator } = order;
  return { accountId, contact, operator, startedAt: first.at, answered };
}

/** The midnight that began the day of `at`: by going forward, for days are not all of one length. */
function lastMidnight(
  nextMidnight: UsageParts['nextMidnight'],
  timeZone: string,
  at: number,
): number {
  let midnight = nextMidnight(timeZone, at - 50 * 3_600_000);
  for (let next = midnight; next <= at; next = nextMidnight(timeZone, next)) midnight = next;
  return midnight;
}
