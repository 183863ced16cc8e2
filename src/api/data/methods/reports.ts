import { z } from 'zod';
import type { ListRow } from '../../../store/list-query.ts';
import { defineList } from '../data-method.ts';
import { intervalErrors, intervalShape, readInterval } from '../interval.ts';
import { ongoingRow, withOthers } from '../ongoing-calls.ts';
import { callFields, legFields } from '../report-fields.ts';

export const getCallsReport = defineList({
  name: 'get.calls_report',
  summary: 'The calls that began within an interval of at most three months.',
  shape: {
    ...intervalShape,
    include_ongoing_calls: z
      .boolean()
      .default(false)
      .describe('calls that have not ended are among the rows'),
  },
  fields: callFields,
  errors: intervalErrors,
  example: {
    params: {
      date_from: '2026-01-01 00:00:00',
      date_till: '2026-01-31 23:59:59',
      fields: ['id', 'start_time', 'finish_reason', 'talk_duration', 'call_api_external_id'],
      filter: { field: 'is_lost', operator: '=', value: false },
      sort: [{ field: 'start_time', order: 'desc' }],
    },
    result: [
      {
        id: 237859081,
        start_time: '2026-01-15 12:26:48',
        finish_reason: 'subscriber_disconnects',
        talk_duration: 61,
        call_api_external_id: '334otr01',
      },
    ],
  },
  remarks: `Durations are whole seconds, rounded:

| field | from | to |
|---|---|---|
| \`wait_duration\`, \`total_wait_duration\` | the contact's answer | the first talk, or the end |
| \`talk_duration\`, \`clean_talk_duration\` | the parties are connected | the end |
| \`total_duration\` | the request | the end |
| \`lost_call_processing_duration\` | the end of a lost call | the start of the next one in which this contact was talked to |

A call is lost when nobody talked. The region is that of the imported numbering plan at the time of the call, null
without one. Of a call that goes on, \`finish_time\`, \`finish_reason\` and, before the talk, \`is_lost\` are null, and
the durations are those of this moment. Why a call ends how: [finish reasons](../../finish-reasons.md).

What needs recordings, employees, scenarios, transfers or an address book is null, false or empty. Rows come in the
order of their start unless sorted otherwise.`,

  async page({ params, caller: { account }, parts: { store, calls, clock } }, { query, fields }) {
    const interval = readInterval(params, account.timeZone);
    const now = clock.wallTime();
    // Before the stored ones: a call that ends meanwhile is among both rather than among neither.
    const ongoing = params.include_ongoing_calls ? calls.active(account.id) : [];
    const others: ListRow[] = [];
    for (const { callSessionId, contact } of ongoing) {
      const events = calls.events(account.id, callSessionId);
      const region = await store.numberingPlan.regionCard(contact);
      if (events !== undefined && events.length > 0) others.push(ongoingRow(events, region, now));
    }
    await store.calls.flushed(); // A call that ended just now may still be on its way.
    await store.requests.flushed();
    // Those it is sorted by are wanted where stored rows meet others.
    const names = new Set([
      'id',
      'start_time',
      ...fields.map(({ name }) => name),
      ...query.sort.map(sortedBy),
    ]);
    return withOthers(others, interval, query, (some) =>
      store.reports.calls({ accountId: account.id, interval, query: some, fields: [...names] }),
    );
  },
});

function sortedBy({ field }: { field: string }): string {
  return field;
}

export const getCallLegsReport = defineList({
  name: 'get.call_legs_report',
  summary: 'The legs dialled within an interval of at most three months, one row each.',
  shape: intervalShape,
  fields: legFields,
  errors: intervalErrors,
  remarks: `\`duration\` counts from the answer, \`total_duration\` from dialling. \`is_failed\`: the leg was not answered.
\`is_talked\`: it was up when the parties talked. \`direction\` is \`out\`: both legs of a callback are dialled by this
server. \`release_cause_code\` is the Q.850 cause the network gave, or the one RFC 3398 section 8.2.6.1 has for its SIP
response. Calls that go on are not among the rows. What needs recordings, employees, scenarios, transfers or an
address book is null, false or empty.`,

  async page({ params, caller: { account }, parts: { store } }, { query, fields }) {
    const interval = readInterval(params, account.timeZone);
    await store.calls.flushed();
    return store.reports.legs({
      accountId: account.id,
      interval,
      query,
      fields: fields.map(({ name }) => name),
    });
  },
});
