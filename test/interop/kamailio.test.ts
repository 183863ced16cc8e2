import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import { toneLevel } from '../../src/media/audio/analysis.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts';
import { tone } from '../../src/sandbox/sounds.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { testConfig, testNumber } from '../loopback/test-config.ts';
import { nothingLeft, seconds } from './baresip-stage.ts';
import { Kamailio, type KamailioOptions, kamailioMissing } from './kamailio-process.ts';
import { rpc } from './rpc.ts';
import { eventsOf, KeptLog } from './server-events.ts';
import { sippMissing, startSipp } from './sipp-process.ts';

// The trunk is a Kamailio that we register with; it asks for the password of each INVITE and stays in the
// route of the calls. Both parties are behind it: sandbox phones, or SIPp.
const skip = kamailioMissing() ?? false;
const realm = 'carrier.example';
const password = 'of-the-trunk';
const operator = '79261111111';
const contact = '79262222222';
const hz: Readonly<Record<string, number>> = { [operator]: 700, [contact]: 1_100 };

const answering = (number: string): PhoneBehaviour => ({
  ringsAfterMs: 20,
  final: { type: 'answers', afterMs: 50 },
  speaks: { sound: tone(hz[number]!, 1_000), loop: true },
});

let folder: string;
let phones: Sandbox;
let behaviour = answering;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-kamailio-'));
  phones = await startSandbox({
    clock: systemClock,
    random: systemRandom(),
    log: silentLogger,
    host: '127.0.0.1',
    behaviours: (number) => behaviour(number),
    keepsRecords: true,
  });
});
after(async () => {
  await phones.close();
  await rm(folder, { recursive: true });
});

type Transport = 'udp' | 'tcp';

type Stage = {
  readonly server: RunningServer;
  readonly kamailio: Kamailio;
  readonly log: KeptLog;
  readonly seen: ReturnType<typeof eventsOf>;
  /** start.simple_call, the operator first. */
  start(): Promise<number>;
};

type StageOptions = Partial<KamailioOptions> & {
  readonly transport?: Transport;
  /** What the server takes the password of the trunk to be. */
  readonly given?: string;
  /** The only number behind the Kamailio; the other party is reached without it. By default both are behind. */
  readonly behind?: string;
};

async function withTrunk(
  { transport = 'udp', given = password, behind, ...options }: StageOptions,
  body: (stage: Stage) => Promise<void>,
): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const usual = { folder, realm, password, phones: phones.sipAddress.port, expires: 60 };
  const kamailio = await Kamailio.open({ ...usual, ...options });
  opened.defer(() => kamailio.kill());
  const listen = { transport, host: '127.0.0.1', port: 0, publicAddress: '127.0.0.1' };
  const log = new KeptLog();
  const [config, parts] = testConfig({
    dataFolder: await mkdtemp(join(folder, 'data-')),
    listen: transport === 'udp' ? [] : [listen],
    trunks: [
      {
        name: 'carrier',
        port: kamailio.port,
        transport,
        domain: realm,
        credentials: { username: 'account7', password: given },
        callerId: { header: 'P-Asserted-Identity', form: 'plus' },
        registerSeconds: 60,
        pingMs: 100,
        prefixes: [behind ?? ''],
      },
      ...(behind === undefined ? [] : [{ name: 'other', port: phones.sipAddress.port }]),
    ],
    log,
  });
  const server = await startServer(config, parts);
  opened.defer(() => server.stop(0));
  const start = async (): Promise<number> => {
    const order = { virtual_phone_number: testNumber, first_call: 'operator', operator, contact };
    const { data } = await rpc(server, 'start.simple_call', { switch_at_once: true, ...order });
    return data.call_session_id as number;
  };
  await body({ server, kamailio, log, seen: eventsOf(server), start });
}

/** Of what Kamailio told, how often it told each line that begins so. */
const tally = ({ told }: Kamailio, beginning: RegExp): Record<string, number> => {
  const lines = told.filter((line) => beginning.test(line));
  return Object.fromEntries(
    [...new Set(lines)].sort().map((line) => [line, lines.filter((it) => it === line).length]),
  );
};

for (const transport of ['udp', 'tcp'] as const) {
  test(
    `a trunk that is a Kamailio over ${transport}: registered, challenged, both hear each other, all by its route`,
    {
      skip,
    },
    () =>
      withTrunk({ transport }, async ({ server, kamailio, log, seen, start }) => {
        assert.equal((await log.said('registered with a trunk')).expires, 60);
        await kamailio.tells('REGISTER for 60');
        assert.deepEqual(tally(kamailio, /^REGISTER/), {
          'REGISTER challenged': 1,
          'REGISTER for 60': 1,
        });
        await start();
        await seen('talkStarted');
        const phone = phones.call(contact)!;
        await phone.hold();
        await phone.unhold();
        await seconds(1);
        for (const [ear, mouth] of [
          [operator, contact],
          [contact, operator],
        ] as const) {
          const last = phones.call(ear)!.heard.samples.subarray(-4_000); // Half a second of the talk.
          const level = toneLevel(last, hz[mouth]!);
          assert.ok(level > -25, `${ear} hears the other at ${level} dBFS`);
        }
        phone.hangUp();
        assert.equal((await seen('callEnded')).finishReason, 'subscriber_disconnects');
        await nothingLeft(server);
        await server.stop(0);
        await kamailio.tells('REGISTER for 0');
        const route = `<sip:127.0.0.1:${kamailio.port};transport=${transport};lr>`;
        assert.deepEqual(tally(kamailio, /^(INVITE|ACK|BYE|CANCEL)/), {
          'INVITE challenged': 2,
          [`INVITE by the server, Route ${route}`]: 2,
          'ACK routed by the server': 2,
          'INVITE routed by the phone': 2, // Hold and resume.
          'ACK routed by the phone': 2,
          'BYE routed by the phone': 1,
          'BYE routed by the server': 1,
        });
      }),
  );
}

test('a phone behind the Kamailio that rings is cancelled through it', { skip }, () =>
  withTrunk({}, async ({ server, kamailio, log, seen, start }) => {
    await log.said('registered with a trunk');
    behaviour = () => ({ ringsAfterMs: 20, final: { type: 'neverAnswers' } });
    const id = await start();
    behaviour = answering;
    await seen('legRinging');
    await rpc(server, 'release.call', { call_session_id: id });
    await kamailio.tells('CANCEL by the server');
    await seen('callEnded');
    await nothingLeft(server);
    assert.ok(phones.call(operator)!.isOver);
    assert.deepEqual(tally(kamailio, /^(BYE|CANCEL)/), { 'CANCEL by the server': 1 });
  }),
);

test('a session behind the Kamailio is refreshed by a re-INVITE of ours along its route', {
  skip: skip || (sippMissing() ?? false),
}, async () => {
  await using opened = new AsyncDisposableStack();
  const sipp = await startSipp('refreshed');
  opened.defer(() => sipp.stop());
  await withTrunk(
    { phones: sipp.port, behind: operator },
    async ({ server, kamailio, log, seen, start }) => {
      await log.said('registered with a trunk');
      const id = await start();
      await seen('legAnswered');
      await kamailio.tells('ACK routed by the server', 2); // Half of the ten seconds that SIPp grants are over.
      await rpc(server, 'release.call', { call_session_id: id });
      await sipp.done;
      await nothingLeft(server);
      assert.deepEqual(tally(kamailio, /routed|without/), {
        'ACK routed by the server': 2,
        'BYE routed by the server': 1,
        'INVITE routed by the server': 1,
      });
    },
  );
});

test('a trunk whose password is wrong: not registered, and its calls fail', { skip }, () =>
  withTrunk({ given: 'of-another-trunk' }, async ({ server, kamailio, log, seen, start }) => {
    const { status, fix } = await log.said('not registered');
    assert.deepEqual([status, fix], [401, 'check trunks[].username, password and realm']);
    await start();
    assert.equal((await seen('callEnded')).finishReason, 'no_success_operator_call');
    await nothingLeft(server);
    assert.deepEqual(tally(kamailio, /^(REGISTER|INVITE)/), {
      'REGISTER challenged': 2,
      'INVITE challenged': 2,
    });
  }),
);

// What Kamailio knew of us is gone with it: it would answer the INVITE with 403.
const restarts: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  'by TCP, as soon as it answers OPTIONS': async ({ kamailio, log }) => {
    await kamailio.kill();
    await log.said('a trunk stopped answering OPTIONS');
    await kamailio.start();
    await log.said('a trunk answers OPTIONS again');
  },
  // Which is due when half of the ten seconds that it grants are over.
  'by UDP, with its next refresh': async ({ kamailio }) => {
    await kamailio.kill();
    await kamailio.start();
  },
};

for (const [name, restart] of Object.entries(restarts)) {
  test(`a Kamailio that was killed and started: the registration comes back, ${name}`, {
    skip,
  }, () => {
    const transport = name.startsWith('by TCP') ? 'tcp' : 'udp';
    return withTrunk({ transport, expires: transport === 'tcp' ? 60 : 10 }, async (stage) => {
      const { server, kamailio, log, seen, start } = stage;
      await log.said('registered with a trunk');
      await kamailio.tells('REGISTER for 60');
      await restart(stage);
      await kamailio.tells('REGISTER for 60', 2);
      await start();
      await seen('talkStarted');
      phones.call(contact)!.hangUp();
      assert.equal((await seen('callEnded')).finishReason, 'subscriber_disconnects');
      await nothingLeft(server);
    });
  });
}
