// Employees' phones over real SIP and RTP: they register, ring together, and one of them talks.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import { registrationRealm } from '../../src/model/registration.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { firstHash } from '../../src/sip/auth/digest.ts';
import { RegisteredPhone } from './registered-phone.ts';
import { testConfig, testKey, testNumber } from './test-config.ts';

const line = '0123456';
const password = 'of the line';
const contact = '79267654302';
const answering = (afterMs: number): PhoneBehaviour => ({
  ringsAfterMs: 0,
  final: { type: 'answers', afterMs },
});

let folder: string;
let sandbox: Sandbox;
let server: RunningServer;
const phones: RegisteredPhone[] = [];

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-lines-'));
  const parts = { clock: systemClock, random: systemRandom(), log: silentLogger };
  const behaviours = () => ({ ...answering(20), hangsUpAfterAnswerMs: 200 });
  sandbox = await startSandbox({ ...parts, host: '127.0.0.1', behaviours });
  const trunks = [{ name: 'sandbox', port: sandbox.sipAddress.port }];
  server = await startServer(...testConfig({ dataFolder: folder, trunks }));
  const { id: accountId } = (await server.store.accounts.byName('test'))!;
  const nobody = { login: null, patronymic: null, email: null, extension: null };
  const names = { firstName: 'Anna', lastName: 'Petrova' };
  const employee = await server.store.employees.add(accountId, { ...nobody, ...names });
  const hash = (algorithm: string): string =>
    firstHash(algorithm, line, registrationRealm, password);
  await server.store.sipLines.add(accountId, {
    employeeId: employee.id,
    phoneNumber: line,
    digests: { MD5: hash('MD5'), 'SHA-256': hash('SHA-256') },
    virtualNumber: null,
    channelsCount: 1,
    dialTime: 2,
    billingState: 'active',
    active: true,
  });
});

after(async () => {
  for (const phone of phones) await phone.close();
  await server.stop(0);
  await sandbox.close();
  await rm(folder, { recursive: true });
});

async function open(behaviour: PhoneBehaviour): Promise<RegisteredPhone> {
  const phone = await RegisteredPhone.open({
    server: server.sipAddress,
    line,
    password,
    behaviour,
  });
  phones.push(phone);
  return phone;
}

async function ask(
  path: string,
  method: string,
  params: object = {},
): Promise<{ result?: object }> {
  const sent = { access_token: testKey, ...params };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: sent });
  const url = `http://127.0.0.1:${server.httpAddress.port}${path}`;
  return (await (await fetch(url, { method: 'POST', body })).json()) as { result?: object };
}

/** Places a call with the line as the operator; resolves with all its events when it is over. */
async function call(params: object = {}): Promise<CallEvent[]> {
  const events: CallEvent[] = [];
  let arrived = Promise.withResolvers<void>();
  using _ = server.bus.subscribe((event) => {
    events.push(event);
    arrived.resolve();
  });
  const order = {
    first_call: 'operator',
    virtual_phone_number: testNumber,
    operator: line,
    contact,
    ...params,
  };
  const { result } = await ask('/v4.0', 'start.simple_call', order);
  const id = (result as { data: { call_session_id: number } }).data.call_session_id;
  const own = (): CallEvent[] => events.filter(({ callSessionId }) => callSessionId === id);
  while (own().at(-1)?.type !== 'callEnded') {
    await arrived.promise;
    arrived = Promise.withResolvers();
  }
  return own();
}

const reasonOf = (events: readonly CallEvent[]): string[] =>
  events.flatMap((event) =>
    'finishReason' in event ? [`${event.type} ${event.finishReason}`] : [],
  );

test('nobody is registered: the leg fails as offline', async () => {
  assert.deepEqual(reasonOf(await call()), [
    'legEnded sip_offline',
    'callEnded no_success_operator_call',
  ]);
});

test('a wrong password does not register', async () => {
  const wrong = { server: server.sipAddress, line, password: 'wrong', behaviour: answering(0) };
  await assert.rejects(RegisteredPhone.open(wrong), /refused with 403/);
});

test('two phones of a line ring, the first to answer talks, the other hears that it was quicker', async () => {
  const slow = await open(answering(5_000));
  const quick = await open(answering(50));
  const events = await call();
  assert.ok(events.some(({ type }) => type === 'talkStarted'));
  assert.deepEqual(reasonOf(events).at(-1), 'callEnded subscriber_disconnects');
  const dialing = events.find((event) => event.type === 'legDialing')!;
  assert.deepEqual(
    [dialing.trunk, dialing.calledNumber, dialing.callingNumber],
    ['sip-lines', line, testNumber],
  );
  assert.equal(slow.invites.length, 1);
  assert.equal(quick.invites.length, 1);
  assert.equal(quick.invites[0]!.toUser, line);
  assert.equal(quick.invites[0]!.fromUser, testNumber);
  await seen(() => quick.events.some(({ type }) => type === 'ended'));
  await quick.leave();
  const ends = [slow, quick].map(({ events: own }) => own.find(({ type }) => type === 'ended'));
  assert.deepEqual(
    ends.map((end) => end && 'how' in end && [end.how, end.by]),
    [
      ['cancelled', 'caller'],
      ['hungUp', 'caller'],
    ],
  );
});

test('the line rings for as long as it says itself, then the other phones stop', async () => {
  const events = await call(); // Only the slow phone is left; the line rings for two seconds.
  assert.deepEqual(reasonOf(events), ['legEnded timeout', 'callEnded no_success_operator_call']);
});

test('a line as the contact, and one whose only channel is taken', async () => {
  for (const phone of phones) await phone.leave();
  await open({ ...answering(10), hangsUpAfterAnswerMs: 400 });
  const both = await Promise.all([
    call({ first_call: 'contact', contact: line, operator: contact }),
    call({ first_call: 'contact', contact: line, operator: contact }),
  ]);
  assert.deepEqual(both.map((events) => reasonOf(events).at(-1)).sort(), [
    'callEnded no_success_subscriber_call',
    'callEnded operator_disconnects',
  ]);
  const refused = both.find((events) => events.every(({ type }) => type !== 'talkStarted'))!;
  assert.equal(reasonOf(refused)[0], 'legEnded subscriber_busy');
});

test('the Data API shows who is registered from where; a locked line is forgotten at once', async () => {
  const rows = async (): Promise<Record<string, unknown>[]> => {
    const { result } = await ask('/v2.0', 'get.sip_lines');
    return (result as { data: Record<string, unknown>[] }).data;
  };
  const [before] = await rows();
  assert.equal(before!.physical_state, 'Зарегистрирован');
  assert.deepEqual(
    (before!.ip_addresses as { ip: string }[]).map(({ ip }) => ip),
    ['127.0.0.1'],
  );
  const { id, employee_id } = before!;
  const lock = { id, employee_id, billing_state: 'manual_lock' };
  assert.ok((await ask('/v2.0', 'update.sip_lines', lock)).result);
  const [locked] = await rows();
  assert.deepEqual([locked!.physical_state, locked!.ip_addresses], ['Не зарегистрирован', []]);
  await assert.rejects(open(answering(0)), /refused with 403/);
});

test('nothing is left of any', () => {
  assert.deepEqual([server.counts().calls, server.counts().channels], [0, 0]);
});

/** Some turns of the event loop until it is so. */
async function seen(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000 && !condition(); turn++)
    await new Promise((resolve) => setImmediate(resolve));
  assert.ok(condition());
}
