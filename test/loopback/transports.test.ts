// Whole calls over each transport: API, SIP, sound between two phones, and the end of it.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { TrunkConfig } from '../../src/config/config.ts';
import { toneLevel } from '../../src/media/audio/analysis.ts';
import type { CallEvent } from '../../src/model/call-event.ts';
import { startSandbox } from '../../src/sandbox/sandbox.ts';
import { tone } from '../../src/sandbox/sounds.ts';
import { type RunningServer, startServer } from '../../src/server.ts';
import { noCertificates, TestAuthority } from '../../src/sip/transport/test-certificates.ts';
import { rpc } from '../interop/rpc.ts';
import { testConfig, testNumber } from './test-config.ts';

const folder = await mkdtemp(join(tmpdir(), 'dozvon-transports-'));
after(() => rm(folder, { recursive: true }));
const authority = noCertificates ? undefined : new TestAuthority(folder);
const identity = authority?.issue('trunk', 'DNS:trunk.example');
const hasIpv6 = networkInterfaces().lo?.some(({ address }) => address === '::1') === true;
const noIpv6 = hasIpv6 ? false : 'this machine has no ::1';

const operator = '79261111111';
const contact = '79262222222';
const operatorHz = 700;
const contactHz = 1_100;

type Way = {
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly host?: string;
  readonly trunk?: Partial<TrunkConfig>;
  readonly skip: string | false;
};
const tlsTrunk = { domain: 'trunk.example', caFile: authority?.caFile ?? '' };
const ways: Record<string, Way> = {
  TCP: { transport: 'tcp', skip: false },
  TLS: { transport: 'tls', trunk: tlsTrunk, skip: noCertificates },
  'UDP on IPv6': { transport: 'udp', host: '::1', skip: noIpv6 },
  'TCP on IPv6': { transport: 'tcp', host: '::1', skip: noIpv6 },
};

for (const [name, { transport, host = '127.0.0.1', trunk, skip }] of Object.entries(ways)) {
  test(`a call over ${name}: both hear each other`, { skip }, async () => {
    await using opened = new AsyncDisposableStack();
    const sandbox = await startSandbox({
      clock: systemClock,
      random: systemRandom(),
      log: silentLogger,
      host,
      transport,
      ...(transport === 'tls' && identity && { identity }),
      behaviours: (number) => ({
        ringsAfterMs: 20,
        final: { type: 'answers', afterMs: 50 },
        speaks: { sound: tone(number === operator ? operatorHz : contactHz, 1_000), loop: true },
      }),
      keepsRecords: true,
    });
    opened.defer(() => sandbox.close());
    const listen = { transport, host, port: 0, publicAddress: host };
    const server = await startServer(
      ...testConfig({
        dataFolder: await mkdtemp(join(folder, 'data-')),
        host,
        listen: transport === 'udp' ? [] : [listen],
        trunks: [{ name: 'sandbox', port: sandbox.sipAddress.port, transport, ...trunk }],
      }),
    );
    opened.defer(() => server.stop(0));
    const talk = seen(server, 'talkStarted');
    const ended = seen(server, 'callEnded');
    await rpc(server, 'start.simple_call', {
      virtual_phone_number: testNumber,
      first_call: 'operator',
      switch_at_once: true,
      operator,
      contact,
    });
    await talk;
    await seconds(1);
    const heardBy = (number: string): Int16Array =>
      sandbox.call(number)!.heard.samples.subarray(-4_000); // The last half second.
    assert.ok(toneLevel(heardBy(operator), contactHz) > -25);
    assert.ok(toneLevel(heardBy(contact), operatorHz) > -25);
    sandbox.call(contact)!.hangUp();
    const { finishReason } = (await ended) as CallEvent & { type: 'callEnded' };
    assert.equal(finishReason, 'subscriber_disconnects');
    await server.stop(0);
    const nothing = { calls: 0, channels: 0, rtpPorts: 0, unansweredRequests: 0 };
    assert.deepEqual(server.counts(), nothing);
  });
}

function seen(server: RunningServer, type: CallEvent['type']): Promise<CallEvent> {
  return new Promise((resolve) => {
    const subscription = server.bus.subscribe((event) => {
      if (event.type !== type) return;
      subscription[Symbol.dispose]();
      resolve(event);
    });
  });
}

/** Real time passes while real sound flows: the one wait that no event can replace. */
const seconds = (count: number): Promise<void> =>
  new Promise((resolve) => void systemClock.setTimer(1_000 * count, resolve));
