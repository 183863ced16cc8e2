import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { callFields, legFields } from '../../src/api/data/report-fields.ts';
import { pick, randomInt, seededRandom } from '../../src/base/random.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import { type Condition, type ListQuery, selectRows } from '../../src/store/list-query.ts';
import { type Simulation, simulateCall } from '../traces/simulate-call.ts';
import { type Installation, tokens } from './api-installation.ts';
import { administrated, ask, data, lostCall, rows, talkedCall } from './data-api-test.ts';

const january = { date_from: '2026-01-01 00:00:00', date_till: '2026-01-31 23:59:59' };
const startedAt = Date.UTC(2026, 0, 1, 7, 0, 0, 250);

describe('get.calls_report', () => {
  test('a call that was talked, with every field', async () => {
    await using it = await administrated();
    it.store.calls.saveRecord(talkedCall(1, { externalId: 'order 7' }));
    const everything = callFields.map(({ name }) => name);
    const [row] = await rows(it, 'get.calls_report', { ...january, fields: everything });
    const nothing = Object.fromEntries(Object.entries(row!).filter(([, value]) => value === null));
    const told = Object.fromEntries(Object.entries(row!).filter(([, value]) => value !== null));
    assert.deepEqual(told, {
      id: 1,
      start_time: '2026-01-01 10:00:00',
      finish_time: '2026-01-01 10:01:12',
      finish_reason: 'subscriber_disconnects',
      direction: 'in',
      source: 'callapi',
      is_lost: false,
      contact_phone_number: '79260000000',
      communication_id: 1,
      communication_type: 'call',
      wait_duration: 2,
      total_wait_duration: 2,
      talk_duration: 60,
      clean_talk_duration: 60,
      total_duration: 72,
      postprocess_duration: 0,
      call_records: [],
      wav_call_records: [],
      voice_mail_records: [],
      virtual_phone_number: '74993720692',
      is_transfer: false,
      tags: [],
      employees: [],
      operator_phone_number: '79262444491',
      call_api_external_id: 'order 7',
    });
    assert.equal(Object.keys(nothing).length + Object.keys(told).length, callFields.length);
    assert.deepEqual(Object.keys(row!), everything);

    const [usual] = await rows(it, 'get.calls_report', january);
    const wanted = callFields.filter(({ optional }) => !optional).map(({ name }) => name);
    assert.deepEqual(Object.keys(usual!), wanted);
  });

  test('the region of the contact, once the numbering plan is imported', async () => {
    await using it = await administrated();
    it.store.calls.saveRecord(talkedCall(1));
    it.store.calls.saveRecord(talkedCall(2, { contact: '79270000000' }));
    await it.store.calls.flushed();
    const block = { first: 79260000000, last: 79269999999 };
    await it.store.numberingPlan.replace([block], [{ ...block, region: 'Омская область' }]);
    const fields = ['id', 'cpn_region_id', 'cpn_region_name'];
    const filter = { field: 'cpn_region_name', operator: '=', value: 'Омская область' };
    assert.deepEqual(await rows(it, 'get.calls_report', { ...january, fields }), [
      { id: 1, cpn_region_id: 1, cpn_region_name: 'Омская область' },
      { id: 2, cpn_region_id: null, cpn_region_name: null },
    ]);
    const found = await rows(it, 'get.calls_report', { ...january, fields: ['id'], filter });
    assert.deepEqual(found, [{ id: 1 }]);
  });

  test('a lost call, and how long until its contact was talked to', async () => {
    await using it = await administrated();
    const { calls } = it.store;
    calls.saveRecord(lostCall(1));
    calls.saveRecord(lostCall(2, { startedAt: startedAt + 60_000 }));
    calls.saveRecord(talkedCall(3, { startedAt: startedAt + 100_000, contact: '79260000001' }));
    calls.saveRecord(talkedCall(4, { startedAt: startedAt + 604_000 }));
    calls.saveRecord(lostCall(5, { startedAt: startedAt + 900_000 }));
    const fields = [
      'id',
      'is_lost',
      'finish_reason',
      'wait_duration',
      'talk_duration',
      'total_duration',
      'operator_phone_number',
      'lost_call_processing_duration',
    ];
    const shown = await rows(it, 'get.calls_report', { ...january, fields });
    assert.deepEqual(
      shown.map((row) => Object.values(row)),
      [
        [1, true, 'no_success_operator_call', 0, 0, 4, null, 600],
        [2, true, 'no_success_operator_call', 0, 0, 4, null, 540],
        [3, false, 'subscriber_disconnects', 2, 60, 72, '79262444491', null],
        [4, false, 'subscriber_disconnects', 2, 60, 72, '79262444491', null],
        [5, true, 'no_success_operator_call', 0, 0, 4, null, null],
      ],
    );
  });

  test('both ends of the interval are within, to the second, in the time of the account', async () => {
    await using it = await administrated();
    const moscowMidnight = Date.UTC(2025, 11, 31, 21);
    const at = [-1, 0, 999, 1_000, 1_999, 2_000].map((ms) => moscowMidnight + ms);
    for (const [index, startedAt] of at.entries())
      it.store.calls.saveRecord(lostCall(index + 1, { startedAt }));
    const within = async (date_from: string, date_till: string) =>
      (await rows(it, 'get.calls_report', { date_from, date_till })).map(({ id }) => id);
    const day = '2026-01-01 ';
    assert.deepEqual(await within(`${day}00:00:00`, `${day}00:00:01`), [2, 3, 4, 5]);
    assert.deepEqual(await within(`${day}00:00:00`, `${day}00:00:00`), [2, 3]);
    assert.deepEqual(await within('2025-12-31 00:00:00', '2025-12-31 23:59:59'), [1]);
  });

  // From, the last end that is allowed; a second more is refused.
  for (const [date_from, last] of [
    ['2026-01-01 00:00:00', '2026-04-01 00:00:00'],
    ['2025-11-30 12:00:00', '2026-02-28 12:00:00'],
    ['2027-11-30 12:00:00', '2028-02-29 12:00:00'],
    ['2026-10-31 23:59:58', '2027-01-31 23:59:58'],
  ] as const)
    test(`three months from ${date_from} end at ${last}`, async () => {
      await using it = await administrated();
      const later = last.slice(0, -1) + (Number(last.at(-1)) + 1);
      assert.ok((await ask(it, 'get.calls_report', { date_from, date_till: last })).result);
      const { error } = await ask(it, 'get.calls_report', { date_from, date_till: later });
      assert.equal(error?.message, 'Max value of requested date interval is 3 months');
    });

  test('calls of other accounts are never seen, ongoing ones neither', async () => {
    await using it = await administrated();
    const two = await it.store.accounts.byName('two');
    it.store.calls.saveRecord(talkedCall(1));
    it.store.calls.saveRecord(talkedCall(2, { accountId: two!.id }));
    goesOn(it, 3, two!.id);
    const params = { ...january, include_ongoing_calls: true, fields: ['id'] };
    assert.deepEqual(await rows(it, 'get.calls_report', params), [{ id: 1 }]);
    const other = { ...params, access_token: tokens.other };
    assert.deepEqual(await rows(it, 'get.calls_report', other), [{ id: 2 }, { id: 3 }]);
    const legs = await rows(it, 'get.call_legs_report', { ...january, fields: ['id'] });
    assert.deepEqual(legs, [{ id: 2 }, { id: 3 }]);
  });

  test('a call that was saved just before is among the rows', async () => {
    await using it = await administrated();
    it.store.calls.saveRecord(talkedCall(1));
    assert.equal((await rows(it, 'get.calls_report', january)).length, 1);
  });
});

/** A call of account one on whose contact's answer the parties wait, or that is talked. */
function goesOn(
  it: Installation,
  callSessionId: number,
  accountId = 1,
  { startedAt = Date.UTC(2026, 0, 1, 9, 30, 0), talks = false } = {},
): void {
  const event = (seconds: number, rest: object): CallEvent =>
    ({ callSessionId, accountId, at: startedAt + seconds * 1000, ...rest }) as CallEvent;
  const dialing = { type: 'legDialing', callingNumber: '74993720692', trunk: 'carrier' };
  const events = [
    event(0, {
      type: 'callStarted',
      source: 'callapi',
      direction: 'in',
      virtualNumber: '74993720692',
      contact: '79260000000',
      operator: '79262444491',
      externalId: 'order 7',
    }),
    event(0, { ...dialing, legId: 1, role: 'operator', calledNumber: '79262444491' }),
    event(3, { type: 'legAnswered', legId: 1 }),
    event(3, { ...dialing, legId: 2, role: 'contact', calledNumber: '79260000000' }),
    event(8, { type: 'legAnswered', legId: 2 }),
    ...(talks ? [event(10, { type: 'talkStarted', legIds: [1, 2] })] : []),
  ];
  it.calls.live.set(callSessionId, {
    accountId,
    events,
    call: {
      callSessionId,
      direction: 'in',
      startedAt,
      virtualNumber: '74993720692',
      contact: '79260000000',
      externalId: 'order 7',
      legs: [],
    },
  });
}

describe('calls that go on', () => {
  const asked = { ...january, include_ongoing_calls: true };

  test('only when asked for; what the end decides is null', async () => {
    await using it = await administrated();
    goesOn(it, 7); // 15.418 s ago.
    goesOn(it, 8, 1, { talks: true });
    assert.deepEqual(await rows(it, 'get.calls_report', january), []);
    const fields = [
      'id',
      'start_time',
      'finish_time',
      'finish_reason',
      'is_lost',
      'wait_duration',
      'talk_duration',
      'total_duration',
      'operator_phone_number',
      'call_api_external_id',
      'tags',
    ];
    const shown = await rows(it, 'get.calls_report', { ...asked, fields });
    const start = '2026-01-01 12:30:00';
    assert.deepEqual(
      shown.map((row) => Object.values(row)),
      [
        [7, start, null, null, null, 7, 0, 15, '79262444491', 'order 7', []],
        [8, start, null, null, false, 2, 5, 15, '79262444491', 'order 7', []],
      ],
    );
    const [whole] = await rows(it, 'get.calls_report', asked);
    const wanted = callFields.filter(({ optional }) => !optional).map(({ name }) => name);
    assert.deepEqual(Object.keys(whole!), wanted);
  });

  test('pages go through stored and ongoing rows in one order, whatever it is sorted by', async () => {
    await using it = await administrated();
    const minute = 60_000;
    for (const id of [1, 2, 4, 5, 6])
      it.store.calls.saveRecord(talkedCall(id, { startedAt: startedAt + id * minute }));
    goesOn(it, 3, 1, { startedAt: startedAt + 3 * minute, talks: true });
    goesOn(it, 7, 1, { startedAt: startedAt + 7 * minute });
    const sorts: readonly [sort: object[], ids: number[]][] = [
      [[], [1, 2, 3, 4, 5, 6, 7]],
      [[{ field: 'start_time', order: 'desc' }], [7, 6, 5, 4, 3, 2, 1]],
      [[{ field: 'is_lost' }], [7, 1, 2, 3, 4, 5, 6]],
      [[{ field: 'finish_reason', order: 'desc' }], [6, 5, 4, 2, 1, 7, 3]],
      [
        [{ field: 'finish_reason' }, { field: 'start_time', order: 'desc' }],
        [7, 3, 6, 5, 4, 2, 1],
      ],
    ];
    for (const [sort, ids] of sorts)
      for (const limit of [1, 2, 3, 7]) {
        const seen: unknown[] = [];
        for (let offset = 0; offset < 9; offset += limit) {
          const page = { ...asked, sort, limit, offset, fields: ['id'] };
          const { result } = await ask(it, 'get.calls_report', page);
          assert.equal(result!.metadata.total_items, 7);
          seen.push(...(result!.data as { id: number }[]).map(({ id }) => id));
        }
        assert.deepEqual(seen, ids, `${JSON.stringify(sort)} by ${limit}`);
      }
  });

  test('filters and the interval hold for them too', async () => {
    await using it = await administrated();
    goesOn(it, 7);
    goesOn(it, 8, 1, { talks: true });
    goesOn(it, 9, 1, { startedAt: Date.UTC(2025, 11, 31, 20) });
    const ids = async (filter: object) =>
      (await rows(it, 'get.calls_report', { ...asked, filter })).map(({ id }) => id);
    assert.deepEqual(await ids({ field: 'is_lost', operator: '=', value: null }), [7]);
    assert.deepEqual(await ids({ field: 'finish_reason', operator: 'is_null' }), [7, 8]);
    assert.deepEqual(await ids({ field: 'talk_duration', operator: '>', value: 4 }), [8]);
    assert.deepEqual(await ids({ field: 'cpn_region_name', operator: '=', value: 'x' }), []);
  });
});

describe('get.call_legs_report', () => {
  test('one row a leg, with every field', async () => {
    await using it = await administrated();
    it.store.calls.saveRecord(talkedCall(1));
    it.store.calls.saveRecord(lostCall(2));
    const fields = legFields.map(({ name }) => name);
    const found = await rows(it, 'get.call_legs_report', { ...january, fields });
    const told = found.map((row) =>
      Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)),
    );
    const leg = {
      call_session_id: 1,
      call_records: [],
      wav_call_records: [],
      start_time: '2026-01-01 10:00:00',
      connect_time: '2026-01-01 10:00:05',
      duration: 67,
      total_duration: 72,
      finish_reason: 'subscriber_disconnects',
      finish_reason_description: 'contact hung up',
      virtual_phone_number: '74993720692',
      calling_phone_number: '74993720692',
      called_phone_number: '79262444491',
      direction: 'out',
      is_transfered: false,
      is_operator: true,
      is_coach: false,
      release_cause_code: 16,
      release_cause_description: 'Normal call clearing',
      is_failed: false,
      is_talked: true,
      contact_phone_number: '79260000000',
    };
    const { connect_time: _, ...unanswered } = leg;
    assert.deepEqual(told, [
      { id: 2, ...leg },
      {
        ...unanswered,
        id: 4,
        call_session_id: 2,
        duration: 0,
        total_duration: 4,
        finish_reason: 'operator_busy',
        finish_reason_description: 'employee busy',
        release_cause_code: 17,
        release_cause_description: 'User busy',
        is_failed: true,
        is_talked: false,
      },
      {
        ...leg,
        id: 3,
        start_time: '2026-01-01 10:00:05',
        connect_time: '2026-01-01 10:00:10',
        duration: 62,
        total_duration: 67,
        called_phone_number: '79260000000',
        is_operator: false,
      },
    ]);
    const [usual] = await rows(it, 'get.call_legs_report', january);
    const wanted = legFields.filter(({ optional }) => !optional).map(({ name }) => name);
    assert.deepEqual(Object.keys(usual!), wanted);
  });

  const causes: readonly [cause: object, code: number][] = [
    [{ type: 'rejected', status: 404 }, 1],
    [{ type: 'busy', status: 600 }, 17],
    [{ type: 'rejected', status: 603, q850: 17 }, 17],
    [{ type: 'noAnswer', status: 480 }, 18],
    [{ type: 'ringTimeout' }, 19],
    [{ type: 'channelsBusy' }, 34],
    [{ type: 'failed', status: 499 }, 41],
  ];
  for (const [cause, code] of causes)
    test(`${JSON.stringify(cause)} is the Q.850 cause ${code}`, async () => {
      await using it = await administrated();
      const call = lostCall(1);
      const legs = [{ ...call.legs[0]!, cause: cause as never }];
      it.store.calls.saveRecord({ ...call, legs });
      const fields = ['release_cause_code'];
      const [row] = await rows(it, 'get.call_legs_report', { ...january, fields });
      assert.deepEqual(row, { release_cause_code: code });
    });
});

describe('the reports of calls as they were run', () => {
  const talk: Simulation = {
    operator: { rings: 1_000, answers: 3_200 },
    contact: { rings: 500, answers: 7_000, hangsUp: 61_000 },
  };
  const cases: readonly [name: string, run: Simulation, call: object, legs: object[]][] = [
    [
      'operator and contact talk, the contact hangs up',
      talk,
      {
        finish_reason: 'subscriber_disconnects',
        is_lost: false,
        wait_duration: 0,
        talk_duration: 61,
        total_duration: 71,
      },
      [
        { is_operator: true, duration: 68, total_duration: 71, is_talked: true },
        { is_operator: false, duration: 61, total_duration: 68, is_talked: true },
      ],
    ],
    [
      'the contact is busy',
      {
        ...talk,
        contact: { fails: { after: 2_000, cause: { type: 'busy', status: 486 } } },
      },
      {
        finish_reason: 'no_success_subscriber_call',
        is_lost: true,
        wait_duration: 0,
        talk_duration: 0,
        total_duration: 5,
      },
      [
        { is_operator: true, duration: 2, total_duration: 5, is_talked: false },
        { is_operator: false, duration: 0, total_duration: 2, is_talked: false },
      ],
    ],
    [
      'the operator does not answer',
      { ...talk, operator: { rings: 1_000 } },
      {
        finish_reason: 'no_success_operator_call',
        is_lost: true,
        wait_duration: 0,
        talk_duration: 0,
        total_duration: 60,
      },
      [{ is_operator: true, duration: 0, total_duration: 60, is_talked: false }],
    ],
    [
      'contact first: it waits for the operator',
      { ...talk, order: { firstCall: 'contact' } },
      {
        finish_reason: 'subscriber_disconnects',
        is_lost: false,
        wait_duration: 3,
        talk_duration: 58,
        total_duration: 68,
      },
      [
        { is_operator: false, duration: 61, total_duration: 68, is_talked: true },
        { is_operator: true, duration: 58, total_duration: 61, is_talked: true },
      ],
    ],
  ];
  for (const [name, run, call, legs] of cases)
    test(name, async () => {
      const { records, events } = await simulateCall(run);
      await using it = await administrated();
      it.store.calls.saveRecord(records[0]!);
      const [row] = await rows(it, 'get.calls_report', { ...january, fields: Object.keys(call) });
      assert.deepEqual(row, call);
      const fields = Object.keys(legs[0]!);
      const sort = [{ field: 'call_session_id' }];
      const found = await rows(it, 'get.call_legs_report', { ...january, fields, sort });
      assert.deepEqual(found, legs);

      // A moment before its end the call, seen as ongoing, shows the same but for the end.
      const before = events.slice(0, -1);
      const ongoing = await whileGoingOn(before, events.at(-1)!.at);
      const { finish_reason: _reason, is_lost, ...durations } = call as Record<string, unknown>;
      assert.deepEqual(ongoing, {
        finish_reason: null,
        is_lost: is_lost === true ? null : false,
        ...durations,
      });
    });

  async function whileGoingOn(events: readonly CallEvent[], now: number) {
    await using it = await administrated();
    // The clock of the installation stands later in the same day than that of the simulation.
    const later = it.clock.wallTime() - now;
    goesOn(it, 1);
    it.calls.live.get(1)!.events = events.map((event) => ({ ...event, at: event.at + later }));
    const fields = ['finish_reason', 'is_lost', 'wait_duration', 'talk_duration', 'total_duration'];
    const params = { ...january, include_ongoing_calls: true, fields };
    return (await rows(it, 'get.calls_report', params))[0];
  }
});

test('SQL filters, sorts and cuts as the lists in memory do, for hundreds of random queries', async () => {
  await using it = await administrated();
  const random = seededRandom(20260101);
  const contacts = ['79260000000', '79260000001', '78121234567', '4930123456'];
  for (let id = 1; id <= 60; id++) {
    const make = random.next() < 0.4 ? lostCall : talkedCall;
    it.store.calls.saveRecord(
      make(id, {
        startedAt: startedAt + randomInt(random, 0, 5) * 60_000,
        contact: pick(random, contacts),
        externalId: pick(random, [null, 'Заказ 7', 'order 8', '']),
        direction: pick(random, ['in', 'out'] as const),
      }),
    );
  }
  await it.store.calls.flushed();
  await data(it, 'create.tags', { name: 'Целевой' });
  for (const communication_id of [3, 7, 40])
    await data(it, 'set.tag_communications', {
      communication_type: 'call',
      communication_id,
      tag_id: 1,
    });
  const interval = { from: 0, till: 4_000_000_000 };
  for (const [report, fields] of [
    ['calls', callFields],
    ['legs', legFields],
  ] as const) {
    const names = fields.map(({ name }) => name);
    const ask = (query: ListQuery) =>
      it.store.reports[report]({ accountId: 1, interval, query, fields: names });
    const byStart = { sort: [{ field: 'start_time', descending: false }], limit: 1000, offset: 0 };
    const all = (await ask(byStart)).rows;
    const values = (field: string): unknown[] => [...new Set(all.map((row) => row[field]))];
    const filterable = fields.filter((field) => field.filter);
    const sortable = fields.filter((field) => field.sort);

    const condition = (depth: number): Condition => {
      if (depth > 0 && random.next() < 0.5) {
        const inner = Array.from({ length: randomInt(random, 1, 3) }, () => condition(depth - 1));
        return random.next() < 0.5 ? { all: inner } : { any: inner };
      }
      const { name, type } = pick(random, filterable);
      const value = pick(random, values(name)) as string | null;
      if (type === 'array') {
        const operator = pick(random, ['overlap', 'not_overlap'] as const);
        return { field: name, operator, list: [pick(random, ['Целевой', 1, 'x'])] };
      }
      const two = [value, pick(random, values(name)) as string | null];
      const list = two.filter((one) => one !== null);
      const text = type === 'string' || type === 'enum';
      return pick<Condition>(random, [
        { field: name, operator: '=', value },
        { field: name, operator: '!=', value },
        ...(value === null ? [] : [{ field: name, operator: 'in', list } as const]),
        ...(value === null ? [] : [{ field: name, operator: 'not_in', list } as const]),
        ...(type === 'number' && value !== null
          ? (['<', '>', '<=', '>='] as const).map((operator) => ({ field: name, operator, value }))
          : []),
        ...(text
          ? (['like', 'not_like', 'ilike', 'not_ilike'] as const).map((operator) => ({
              field: name,
              operator,
              value: pick(random, ['%З%', '%з%', '79%1', '_rder%', '']),
            }))
          : []),
        ...(text ? [{ field: name, operator: 'regexp', value: '^7(9|8).*[01]$' } as const] : []),
      ]);
    };
    for (let turn = 0; turn < 300; turn++) {
      const query: ListQuery = {
        filter: condition(2),
        // The id last, as SQL has it.
        sort: [{ field: pick(random, sortable).name, descending: random.next() < 0.5 }],
        limit: randomInt(random, 1, 20),
        offset: randomInt(random, 0, 10),
      };
      const key = { field: 'id', descending: query.sort[0]!.descending };
      const expected = selectRows(all, { ...query, sort: [...query.sort, key] });
      assert.deepEqual(await ask(query), expected, JSON.stringify(query));
    }
  }
});
