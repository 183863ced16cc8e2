import type { CallEvent, CallEventOf } from '../../model/call-event.ts';
import type { Interval, ReportPage } from '../../store/data-store.ts';
import { type ListQuery, type ListRow, matches, rowOrder } from '../../store/list-query.ts';

/** The row of a call that goes on, with the fields of `get.calls_report`; what its end decides is null. */
export function ongoingRow(
  events: readonly CallEvent[],
  region: { readonly id: number; readonly name: string } | undefined,
  now: number,
): ListRow {
  const started = events[0] as CallEventOf<'callStarted'>;
  const talkStartedAt = events.find(({ type }) => type === 'talkStarted')?.at ?? null;
  const contactAnsweredAt = answeredAt(events, 'contact');
  const wait =
    contactAnsweredAt === null ? 0 : wholeSeconds(contactAnsweredAt, talkStartedAt ?? now);
  const talk = talkStartedAt === null ? 0 : wholeSeconds(talkStartedAt, now);
  return {
    id: started.callSessionId,
    start_time: started.at / 1000,
    direction: started.direction,
    cpn_region_id: region?.id ?? null,
    cpn_region_name: region?.name ?? null,
    source: started.source,
    // Lost it is only when it ends without a talk.
    is_lost: talkStartedAt === null ? null : false,
    contact_phone_number: started.contact,
    communication_id: started.callSessionId,
    communication_type: 'call',
    wait_duration: wait,
    total_wait_duration: wait,
    talk_duration: talk,
    clean_talk_duration: talk,
    total_duration: wholeSeconds(started.at, now),
    postprocess_duration: 0,
    call_records: [],
    wav_call_records: [],
    voice_mail_records: [],
    virtual_phone_number: started.virtualNumber,
    is_transfer: false,
    tags: [],
    employees: [],
    operator_phone_number: answeredAt(events, 'operator') === null ? null : started.operator,
    call_api_external_id: started.externalId ?? null,
  };
}

function answeredAt(events: readonly CallEvent[], role: string): number | null {
  const legIds = events.flatMap((event) =>
    event.type === 'legDialing' && event.role === role ? [event.legId] : [],
  );
  const answered = events.find(
    (event) => event.type === 'legAnswered' && legIds.includes(event.legId),
  );
  return answered?.at ?? null;
}

function wholeSeconds(from: number, till: number): number {
  return Math.floor((Math.max(0, till - from) + 500) / 1000);
}

/** The order of an unsorted report. */
const byStart = { field: 'start_time', descending: false };

/**
 * A page of stored rows and of a few others in one order. Only the stored rows that may be within the
 * page are asked for: as many before it as there are others.
 */
export async function withOthers(
  others: readonly ListRow[],
  { from, till }: Interval,
  query: ListQuery,
  stored: (query: ListQuery) => Promise<ReportPage>,
): Promise<ReportPage> {
  const { filter, sort, limit, offset } = query;
  const found = others.filter(
    (row) =>
      (row.start_time as number) >= from &&
      (row.start_time as number) < till + 1 &&
      (filter === undefined || matches(row, filter)),
  );
  if (found.length === 0) return stored(query);
  const skipped = Math.max(0, offset - found.length);
  const page = await stored({ ...query, offset: skipped, limit: limit + offset - skipped });
  const [first = byStart] = sort;
  const keys = [first, ...sort.slice(1), { field: 'id', descending: first.descending }];
  // One that ended since it was looked at is among the stored ones.
  const ids = new Set(page.rows.map(({ id }) => id));
  const still = found.filter(({ id }) => !ids.has(id));
  const merged = [...page.rows, ...still].sort(rowOrder(keys));
  const start = Math.min(offset - skipped, merged.length);
  return { rows: merged.slice(start, start + limit), total: page.total + still.length };
}
