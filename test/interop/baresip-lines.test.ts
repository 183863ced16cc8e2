import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import { registrationRealm } from '../../src/model/registration.ts';
import type { PhoneCall } from '../../src/sandbox/phone-call.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { joined } from '../../src/sandbox/sounds.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { firstHash } from '../../src/sip/auth/digest.ts';
import { testConfig, testNumber } from '../loopback/test-config.ts';
import { type Baresip, baresipMissing, startBaresip } from './baresip-process.ts';
import { heardIn, nothingLeft, phoneNumber, seconds, sounds } from './baresip-stage.ts';
import { freePort } from './free-port.ts';
import { rpc } from './rpc.ts';
import { eventsOf, soon } from './server-events.ts';

// baresip as an employee's phone: it registers for a SIP line and is called by the line's number. The
// other party is a sandbox phone behind a trunk.
const skip = baresipMissing() ?? false;
const line = '0123456';
const password = 'of-the-line';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-baresip-lines-'));
});
after(() => rm(folder, { recursive: true }));

type Transport = 'udp' | 'tcp';

type Registering = {
  readonly answers?: 'auto' | 'manual';
  readonly transport?: Transport;
  readonly password?: string;
};

type Stage = {
  readonly server: RunningServer;
  readonly seen: ReturnType<typeof eventsOf>;
  /** The latest call at the sandbox phone. */
  phone(): PhoneCall;
  /** A new baresip that tries to register for the line. */
  register(options?: Registering): Promise<Baresip>;
  /** start.simple_call, with the line in this role and first. */
  start(lineIs: 'operator' | 'contact'): Promise<void>;
};

async function withLine(body: (stage: Stage) => Promise<void>): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const sandbox = await startSandbox({
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    host: '127.0.0.1',
    behaviours: () => ({
      ringsAfterMs: 20,
      final: { type: 'answers', afterMs: 50 },
      speaks: { sound: sounds.phoneVoice, loop: true },
    }),
    keepsRecords: true,
  });
  opened.defer(() => sandbox.close());
  const listen = { host: '127.0.0.1', port: await freePort(), publicAddress: '127.0.0.1' };
  const [config, options] = testConfig({
    dataFolder: await mkdtemp(join(folder, 'data-')),
    listen: [{ transport: 'tcp', ...listen }],
    trunks: [{ name: 'sandbox', port: sandbox.sipAddress.port }],
    digestAlgorithms: ['MD5'], // It gives up at a challenge that names another: docs/operating/lines.md.
  });
  const server = await startServer(config, options);
  opened.defer(() => server.stop(0));
  await addLine(server);
  const ports: Record<Transport, number> = { udp: server.sipAddress.port, tcp: listen.port };
  await body({
    server,
    seen: eventsOf(server),
    phone: () => {
      const call = sandbox.call(phoneNumber);
      assert.ok(call, 'the sandbox phone was not rung');
      return call;
    },
    register: async ({ answers = 'auto', transport = 'udp', ...given } = {}) => {
      const voice = joined(...Array.from({ length: 20 }, () => sounds.baresipVoice));
      const codecs = ['PCMA'] as const;
      const phone = await startBaresip({ folder, number: 'nobody', voice, codecs, answers });
      opened.defer(() => phone.stop());
      const address = `sip:${line}@127.0.0.1:${ports[transport]}`;
      const secret = given.password ?? password;
      const account = `<${address};transport=${transport}>;auth_pass=${secret};regint=60;answermode=${answers};audio_codecs=PCMA`;
      await phone.command('uanew', account);
      await phone.command('uafind', address); // What later commands are for.
      return phone;
    },
    start: async (lineIs) => {
      const numbers =
        lineIs === 'operator'
          ? { operator: line, contact: phoneNumber }
          : { operator: phoneNumber, contact: line };
      await rpc(server, 'start.simple_call', {
        virtual_phone_number: testNumber,
        first_call: lineIs,
        switch_at_once: true,
        ...numbers,
      });
    },
  });
}

/** An employee with the line, as the Data API adds them. */
async function addLine({ store }: RunningServer): Promise<void> {
  const { id: accountId } = (await store.accounts.byName('test'))!;
  const nobody = { login: null, patronymic: null, email: null, extension: null };
  const names = { firstName: 'Anna', lastName: 'Petrova' };
  const employee = await store.employees.add(accountId, { ...nobody, ...names });
  const hash = (algorithm: string): string =>
    firstHash(algorithm, line, registrationRealm, password);
  await store.sipLines.add(accountId, {
    employeeId: employee.id,
    phoneNumber: line,
    digests: { MD5: hash('MD5'), 'SHA-256': hash('SHA-256') },
    virtualNumber: null,
    channelsCount: 1,
    dialTime: 20,
    billingState: 'active',
    active: true,
  });
}

/** The n-th event of a kind that a baresip told, or its log when it does not come. */
const told = async (phone: Baresip, type: string): Promise<string> =>
  (await soon(phone.seen(type), `baresip's ${type}`, () => phone.log)).param;

for (const [transport, lineIs] of [
  ['udp', 'operator'],
  ['udp', 'contact'],
  ['tcp', 'operator'],
] as const) {
  test(
    `baresip registered over ${transport} is called by its line as ${lineIs}: both hear each other`,
    {
      skip,
    },
    () =>
      withLine(async ({ server, phone, register, start, seen }) => {
        const baresip = await register({ transport });
        assert.match(await told(baresip, 'REGISTER_OK'), /^200/);
        await start(lineIs);
        await seen('talkStarted');
        await seconds(2);
        await baresip.command('hangup');
        const { finishReason } = await seen('callEnded');
        const who = lineIs === 'operator' ? 'operator' : 'subscriber';
        assert.equal(finishReason, `${who}_disconnects`);
        heardIn(phone().heard.samples, 'baresipVoice');
        await nothingLeft(server);
        heardIn(await baresip.heard(), 'phoneVoice');
        await start(lineIs); // It has taken leave of the server: nobody is there.
        const offline = lineIs === 'operator' ? 'operator' : 'subscriber';
        assert.equal((await seen('callEnded', 2)).finishReason, `no_success_${offline}_call`);
      }),
  );
}

test('baresip with a wrong password is refused', { skip }, () =>
  withLine(async ({ register, start, seen }) => {
    const baresip = await register({ password: 'of-another-line' });
    assert.match(await told(baresip, 'REGISTER_FAIL'), /^403/);
    await start('operator');
    assert.equal((await seen('legEnded')).finishReason, 'sip_offline');
  }),
);

test('two baresips of a line ring: one answers, the other stops', { skip }, () =>
  withLine(async ({ server, phone, register, start, seen }) => {
    const both = [await register({ answers: 'manual' }), await register({ answers: 'manual' })];
    for (const baresip of both) await told(baresip, 'REGISTER_OK');
    await start('operator');
    for (const baresip of both) await told(baresip, 'CALL_INCOMING');
    const [quick, other] = both as [Baresip, Baresip];
    await quick.command('accept');
    await told(other, 'CALL_CLOSED');
    await told(quick, 'CALL_ESTABLISHED');
    await seen('talkStarted');
    assert.ok(other.events.every(({ type }) => type !== 'CALL_ESTABLISHED'));
    await seconds(1.5);
    heardIn(phone().heard.samples, 'baresipVoice');
    phone().hangUp();
    await told(quick, 'CALL_CLOSED');
    assert.equal((await seen('callEnded')).finishReason, 'subscriber_disconnects');
    await nothingLeft(server);
  }),
);
