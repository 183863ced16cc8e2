// A server process killed in the middle of everything, and started again on the same data folder.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { Client } from '../../src/client/client.ts';
import { writeWav } from '../../src/media/audio/wav.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { tone } from '../../src/sandbox/sounds.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import type { Store } from '../../src/store/store.ts';
import { type ServerProcess, serve } from '../loopback/server-process.ts';

const accessToken = 'key-0123456789abcdef0123456789abcdef';
const blockedToken = 'blocked-0123456789abcdef0123456789abcdef';
const virtualNumber = '74993720692';
const otherNumber = '74993720693';
const operator = '79262444491';
const contacts = { ended: '79260000001', talking: '79260000002', ringing: '79260000003' };

type Params = Readonly<Record<string, unknown>>;
type Row = Readonly<Record<string, unknown>>;
type Limits = { readonly day_remaining: number; readonly minute_remaining: number };
type Answer = {
  readonly result?: { readonly data: unknown; readonly metadata: { readonly limits: Limits } };
  readonly error?: { readonly data: { readonly mnemonic: string } };
};

let folder: string;
let sandbox: Sandbox;
let server: ServerProcess;
let sessionToken: string;
/** As the report had the ended call before the kill. */
let endedRows: readonly Row[];
let lastAnswer: Answer;
let callIds: Readonly<Record<keyof typeof contacts, number>>;

/** Whoever is called rings and answers at once, but for the one that only rings. */
function behaviours(number: string): PhoneBehaviour {
  const rings = number === contacts.ringing;
  const hangsUp = number === contacts.ended ? { hangsUpAfterAnswerMs: 300 } : {};
  return {
    ringsAfterMs: 10,
    final: rings ? { type: 'neverAnswers' } : { type: 'answers', afterMs: 20 },
    speaks: { sound: tone(500, 1000), loop: true },
    ...hangsUp,
  };
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-kill-'));
  sandbox = await startSandbox({
    clock: systemClock,
    random: seededRandom(3),
    log: silentLogger,
    host: '127.0.0.1',
    behaviours,
  });
  await writeFile(join(folder, 'greeting.wav'), writeWav(8000, tone(700, 200)));
  await writeFile(join(folder, 'dozvon.yaml'), configText(sandbox.sipAddress.port));
  server = await serve(join(folder, 'dozvon.yaml'));
  await liveABit();
  await server.kill();
  server = await serve(join(folder, 'dozvon.yaml'));
});

after(async () => {
  await server?.kill();
  await sandbox?.close();
  await rm(folder, { recursive: true, force: true });
});

function configText(trunkPort: number): string {
  return `
http: { host: 127.0.0.1, port: 0 }
sip: { host: 127.0.0.1, port: 0, public_address: 127.0.0.1 }
rtp: { host: 127.0.0.1, public_address: 127.0.0.1, port_min: 30000, port_max: 39998, workers: 1 }
data_folder: ${join(folder, 'data')}
log: { level: warn }
trunks: [{ name: sandbox, host: 127.0.0.1, port: ${trunkPort} }]
bootstrap:
  accounts:
    - name: acme
      users: [{ login: crm, password: correct-horse }]
      keys: [{ token: ${accessToken}, user: crm }, { token: ${blockedToken}, user: crm, label: lost }]
      numbers: [{ number: "${virtualNumber}" }, { number: "${otherNumber}" }]
      media: [{ id: 2561, name: greeting, path: ${join(folder, 'greeting.wav')} }]
`;
}

/** One call that ended, one in its talk, one whose contact rings, and all that must outlive the process. */
async function liveABit(): Promise<void> {
  const login = await ask('login.user', { login: 'crm', password: 'correct-horse' });
  sessionToken = (login.result!.data as { access_token: string }).access_token;
  callIds = {
    ended: await call(contacts.ended, 'callEnded', { virtual_phone_number: otherNumber }),
    talking: await call(contacts.talking, 'talkStarted'),
    ringing: await call(contacts.ringing, 'legRinging contact'),
  };
  endedRows = (await report()).filter(({ id }) => id === callIds.ended);
  assert.equal(endedRows.length, 1);
  await withStore(async (store) => {
    const { id: accountId } = (await store.accounts.byName('acme'))!;
    const keys = await store.keys.list(accountId);
    await store.keys.setBlocked(keys.find(({ label }) => label === 'lost')!.id, true);
    await store.blacklist.add(accountId, '79990000000');
  });
  lastAnswer = await ask('list.calls');
  await untilStored();
}

async function ask(method: string, params: Params = {}, version = 'v4.0'): Promise<Answer> {
  const token = method === 'login.user' ? {} : { access_token: accessToken };
  const body = { jsonrpc: '2.0', id: 1, method, params: { ...token, ...params } };
  const response = await fetch(`${server.url}/${version}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return (await response.json()) as Answer;
}

const start = (contact: string, params: Params = {}): Promise<Answer> =>
  ask('start.simple_call', {
    first_call: 'operator',
    virtual_phone_number: virtualNumber,
    operator,
    contact,
    operator_message: { type: 'media', value: '2561' },
    ...params,
  });

/** Places a call and waits for something of it; `legRinging contact` for that of one party. */
async function call(contact: string, awaited: string, params?: Params): Promise<number> {
  const { call_session_id: id } = (await start(contact, params)).result!.data as {
    call_session_id: number;
  };
  const roles = new Map<number, string>();
  for await (const event of new Client({ url: server.url, accessToken }).events(id)) {
    if (event.type === 'legDialing') roles.set(event.legId, event.role);
    const role = event.type === 'legRinging' ? ` ${roles.get(event.legId)}` : '';
    if (awaited === event.type + role) return id;
  }
  throw new Error(`the call to ${contact} ended before ${awaited}`);
}

async function report(method = 'get.calls_report'): Promise<readonly Row[]> {
  const day = 24 * 3_600_000;
  const text = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');
  const now = systemClock.wallTime();
  const interval = { date_from: text(now - day), date_till: text(now + day) };
  return (await ask(method, interval, 'v2.0')).result!.data as readonly Row[];
}

/** The database as a command beside the running server opens it. */
async function withStore<Value>(work: (store: Store) => Promise<Value>): Promise<Value> {
  const path = join(folder, 'data', 'dozvon.sqlite');
  const store = await openSqliteStore({ path, log: silentLogger, clock: systemClock });
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const everything = { from: 0, till: Number.MAX_SAFE_INTEGER, limit: 100, offset: 0 };
const requestsOf = async (store: Store): Promise<readonly string[]> => {
  const { id } = (await store.accounts.byName('acme'))!;
  const { rows } = await store.requests.list(id, everything);
  return rows.map(({ method }) => method);
};

/** Points and the report of requests are gathered for a second before they are written. */
function untilStored(): Promise<void> {
  const { day_remaining } = limitsOf(lastAnswer);
  return withStore(async (store) => {
    const giveUpAt = systemClock.now() + 10_000;
    for (;;) {
      const used = (await store.points.list())[0]?.day.used;
      const requests = await requestsOf(store);
      if (used === 100_000 - day_remaining && requests.at(-1) === 'list.calls') return;
      assert.ok(systemClock.now() < giveUpAt, `stored: ${used} points, ${requests.join(' ')}`);
      await new Promise<void>((resolve) => systemClock.setTimer(50, resolve));
    }
  });
}

const limitsOf = ({ result }: Answer): Limits => result!.metadata.limits;
const mnemonicOf = ({ error }: Answer): string | undefined => error?.data.mnemonic;

describe('after a kill in the middle of calls', () => {
  test('points go on where they were: the first request costs the next one', async () => {
    const left = limitsOf(await ask('list.calls')).day_remaining;
    assert.equal(left, limitsOf(lastAnswer).day_remaining - 1);
  });

  test('no call goes on, and the ended one is in the report as it was', async () => {
    assert.deepEqual((await ask('list.calls')).result!.data, []);
    const rows = (await report()).filter(({ id }) => id === callIds.ended);
    assert.deepEqual(rows, endedRows);
  });

  test('each call that was cut off has its record, with its talk and its legs', async () => {
    const rows = await report();
    assert.deepEqual(
      rows.map(({ id, finish_reason, is_lost, contact_phone_number }) => [
        id,
        finish_reason,
        is_lost,
        contact_phone_number,
      ]),
      [
        [callIds.ended, 'subscriber_disconnects', false, contacts.ended],
        [callIds.talking, 'internal_error', false, contacts.talking],
        [callIds.ringing, 'internal_error', true, contacts.ringing],
      ],
    );
    const legs = (await report('get.call_legs_report')).filter(
      ({ call_session_id }) => call_session_id === callIds.ringing,
    );
    assert.deepEqual(
      legs.map((leg) => [leg.called_phone_number, leg.is_failed, leg.finish_reason]),
      [
        [operator, false, 'internal_error'],
        [contacts.ringing, true, 'internal_error'],
      ],
    );
  });

  test('session tokens and keys are what they were, blocked ones too', async () => {
    assert.ok((await ask('list.calls', { access_token: sessionToken })).result);
    assert.ok((await ask('list.calls')).result);
    const refused = await ask('list.calls', { access_token: blockedToken });
    assert.equal(mnemonicOf(refused), 'access_token_blocked');
  });

  test('the report of requests has those from before', async () => {
    const methods = await withStore(requestsOf);
    const began = methods.slice(0, methods.indexOf('list.calls') + 1);
    const starts = Array<string>(3).fill('start.simple_call');
    assert.deepEqual(began, ['login.user', ...starts, 'get.calls_report', 'list.calls']);
  });

  test('blacklist, files and sticky numbers are there, and no id is given out twice', async () => {
    assert.equal(mnemonicOf(await start('79990000000')), 'contact_in_blacklist');
    const sticky = { virtual_phone_usage_rule: 'fixed_for_numa' };
    const id = await call(contacts.ended, 'callEnded', sticky);
    assert.ok(id > Math.max(...Object.values(callIds)), `${id}`);
    const [row] = (await report()).filter((it) => it.id === id);
    assert.deepEqual(
      [row?.finish_reason, row?.virtual_phone_number],
      ['subscriber_disconnects', otherNumber],
    );
  });
});
