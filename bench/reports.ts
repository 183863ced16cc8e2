// Reports over a million stored calls of two legs each, asked as a client asks them.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createHttpApi } from '../src/api/http-server.ts';
import { hashToken } from '../src/api/tokens.ts';
import { nextMidnight } from '../src/api/zone-time.ts';
import { systemClock } from '../src/base/clock.ts';
import { silentLogger } from '../src/base/logger.ts';
import { systemRandom } from '../src/base/random.ts';
import { LocalEventBus } from '../src/bus/local-event-bus.ts';
import { NumberRules } from '../src/numbers/number-rules.ts';
import { openSqliteStore } from '../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../src/store/store.ts';
import { type Figure, percentile } from './figure.ts';

const calls = 1_000_000;
const begin = Date.UTC(2026, 0, 1);
/** One call every 31.5 s: a million a year. */
const everyMs = Math.floor((365 * 86_400_000) / calls);
const token = 'bench';
const times = 15;

type Ask = readonly [name: string, method: string, params: Readonly<Record<string, unknown>>];

const month = { date_from: '2026-06-01 00:00:00', date_till: '2026-06-30 23:59:59' };
const quarter = { date_from: '2026-06-01 00:00:00', date_till: '2026-08-31 23:59:59' };
const by = (field: string, operator: string, value: unknown) => ({ field, operator, value });

const asks: readonly Ask[] = [
  ['a month of calls, first page', 'get.calls_report', month],
  ['a month of calls, 50th page', 'get.calls_report', { ...month, offset: 50_000 }],
  [
    'a month of calls, newest first',
    'get.calls_report',
    { ...month, sort: [{ field: 'start_time', order: 'desc' }] },
  ],
  [
    'a month of calls, a contact',
    'get.calls_report',
    { ...month, filter: by('contact_phone_number', '=', '79160000777') },
  ],
  [
    'a month of calls, lost ones',
    'get.calls_report',
    { ...month, filter: by('is_lost', '=', true) },
  ],
  [
    'a month of calls, by number and outcome',
    'get.calls_report',
    { ...month, sort: [{ field: 'virtual_phone_number', order: 'desc' }, { field: 'is_lost' }] },
  ],
  [
    'a month of calls, a tree of three conditions',
    'get.calls_report',
    {
      ...month,
      filter: {
        condition: 'and',
        filters: [
          by('is_lost', '=', false),
          {
            condition: 'or',
            filters: [by('talk_duration', '>', 60), by('contact_phone_number', 'like', '7926%')],
          },
        ],
      },
    },
  ],
  [
    'a month of calls, an expression on the contact',
    'get.calls_report',
    { ...month, filter: by('contact_phone_number', 'regexp', '^7916.*(00|77)$') },
  ],
  ['three months of calls, first page', 'get.calls_report', quarter],
  [
    'three months of calls, lost ones',
    'get.calls_report',
    { ...quarter, filter: by('is_lost', '=', true) },
  ],
  [
    'a month of calls, tags and missed-call times too',
    'get.calls_report',
    { ...month, fields: ['id', 'tags', 'lost_call_processing_duration', 'contact_phone_number'] },
  ],
  ['a month of legs, first page', 'get.call_legs_report', month],
  [
    'a month of legs, newest first',
    'get.call_legs_report',
    { ...month, sort: [{ field: 'start_time', order: 'desc' }] },
  ],
  [
    'a month of legs, failed ones of a number',
    'get.call_legs_report',
    {
      ...month,
      filter: {
        filters: [by('is_failed', '=', true), by('virtual_phone_number', '=', '74993720693')],
      },
    },
  ],
  [
    'a month of legs, by duration',
    'get.call_legs_report',
    { ...month, sort: [{ field: 'duration', order: 'desc' }] },
  ],
];

export async function benchReports(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-bench-'));
  const path = join(folder, 'dozvon.sqlite');
  try {
    await (await openSqliteStore({ path, log: silentLogger, clock: systemClock })).close();
    fill(path);
    const store = await openSqliteStore({ path, log: silentLogger, clock: systemClock });
    try {
      const { size } = await stat(path);
      return [
        { name: `database of ${calls} calls`, value: size / 2 ** 20, unit: 'MiB' },
        ...(await ask(store)),
      ];
    } finally {
      await store.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function ask(store: Store): Promise<Figure[]> {
  const account = await store.accounts.byName('bench');
  const user = { accountId: account!.id, login: 'bench', passwordHash: '', callApi: true };
  const { id: userId } = await store.users.put(user);
  await store.keys.add({
    accountId: account!.id,
    userId,
    kind: 'permanent',
    tokenHash: hashToken(token),
    label: '',
    expiresAt: null,
    blocked: false,
  });
  const api = createHttpApi({
    store,
    calls: {
      start: () => Promise.reject(new Error('no calls here')),
      active: () => [],
      release: () => false,
      events: () => undefined,
    },
    numbers: new NumberRules({
      store,
      clock: systemClock,
      random: systemRandom(),
      log: silentLogger,
      nextMidnight,
      endCall: () => {},
    }),
    bus: new LocalEventBus(silentLogger),
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    address: { host: '127.0.0.1', port: 0 },
  });
  const figures: Figure[] = [];
  let slowest = 0;
  for (const [name, method, params] of asks) {
    const tookMs: number[] = [];
    for (let turn = 0; turn <= times; turn++) {
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method,
        params: { access_token: token, ...params },
      });
      const startedAt = performance.now();
      const response = await api.fetch(new Request('http://b/v2.0', { method: 'POST', body }));
      const text = await response.text();
      // The first one reads the file for the first time, and at first begins the thread.
      if (turn > 0) tookMs.push(performance.now() - startedAt);
      if (!text.includes('"result"')) throw new Error(text.slice(0, 500));
    }
    figures.push({ name: `report: ${name}`, value: percentile(tookMs, 0.5), unit: 'ms' });
    slowest = Math.max(slowest, ...tookMs);
  }
  figures.push({ name: 'slowest of all these reports', value: slowest, unit: 'ms' });
  await api.close();
  return figures;
}

/** A million rows by SQL alone: one in four calls is lost, ten thousand contacts, ten numbers. */
function fill(path: string): void {
  const db = new DatabaseSync(path);
  const numbers = `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${calls - 1})`;
  const contact = `'7916' || printf('%07d', (i * 7919) % 10000)`;
  const virtual = `'7499372069' || (i % 10)`;
  const talks = 'i % 4 > 0';
  const talk = '(20 + (i * 31) % 300) * 1000';
  const start = `${begin} + i * ${everyMs} + (i * 17) % 1000`;
  const ended = `${start} + CASE WHEN ${talks} THEN 12000 + ${talk} ELSE 25000 END`;
  const normal = `'{"type":"normal"}'`;
  const busy = `'{"type":"busy","status":486}'`;
  db.exec(`
    PRAGMA synchronous = OFF;
    BEGIN;
    INSERT INTO account (name, active, time_zone, minute_limit, day_limit, tts_max_length, disabled_components)
      VALUES ('bench', 1, 'Europe/Moscow', 1000000, 1000000000, 1000, '[]');
    INSERT INTO call_record (call_session_id, account_id, source, direction, virtual_number, contact,
        operator, external_id, started_at, talk_started_at, ended_at, cause, finish_reason,
        contact_answered_at, operator_answered_at)
      ${numbers} SELECT 100000001 + i, 1, 'callapi', 'in', ${virtual}, ${contact},
        '79262444491', 'order ' || i, ${start}, CASE WHEN ${talks} THEN ${start} + 12000 END, ${ended},
        CASE WHEN ${talks} THEN ${normal} ELSE ${busy} END,
        CASE WHEN ${talks} THEN 'subscriber_disconnects' ELSE 'no_success_subscriber_call' END,
        CASE WHEN ${talks} THEN ${start} + 10000 END, ${start} + 5000 FROM n;
    INSERT INTO leg_record (leg_id, call_session_id, account_id, role, trunk, calling_number,
        called_number, dialed_at, ringing_at, answered_at, ended_at, ended_by, cause, finish_reason)
      ${numbers} SELECT 1 + 2 * i, 100000001 + i, 1, 'operator', 'carrier', ${virtual},
        '79262444491', ${start}, ${start} + 2000, ${start} + 5000, ${ended}, 'local',
        '{"type":"otherLegEnded"}', 'operator_disconnects' FROM n;
    INSERT INTO leg_record (leg_id, call_session_id, account_id, role, trunk, calling_number,
        called_number, dialed_at, ringing_at, answered_at, ended_at, ended_by, cause, finish_reason)
      ${numbers} SELECT 2 + 2 * i, 100000001 + i, 1, 'contact', 'carrier', ${virtual},
        ${contact}, ${start} + 5000, ${start} + 7000, CASE WHEN ${talks} THEN ${start} + 10000 END,
        ${ended}, 'remote', CASE WHEN ${talks} THEN ${normal} ELSE ${busy} END,
        CASE WHEN ${talks} THEN 'subscriber_disconnects' ELSE 'subscriber_busy' END FROM n;
    COMMIT;`);
  db.close();
}

if (import.meta.main)
  for (const { name, value, unit } of await benchReports())
    console.log(`${name}: ${value.toFixed(1)} ${unit}`);
