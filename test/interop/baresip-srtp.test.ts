import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { SrtpMode } from '../../src/model/trunk.ts';
import { baresipMissing } from './baresip-process.ts';
import { heardIn, nothingLeft, seconds, withBaresip } from './baresip-stage.ts';

// SRTP by SDES and RTCP with an implementation that shares nothing with ours (libre).
const skip = baresipMissing() ?? false;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-baresip-srtp-'));
});
after(() => rm(folder, { recursive: true }));

const cases: readonly [
  srtp: SrtpMode,
  mediaenc: 'srtp' | 'srtp-mand' | 'none',
  suite: string | null,
][] = [
  ['required', 'srtp-mand', 'AEAD_AES_256_GCM'],
  ['required', 'srtp', 'AEAD_AES_256_GCM'],
  ['optional', 'srtp', 'AEAD_AES_256_GCM'],
  ['optional', 'none', null],
];
for (const [srtp, mediaenc, suite] of cases) {
  const name = `srtp ${srtp}, baresip's mediaenc ${mediaenc}: both hear each other, ${suite ?? 'in clear'}`;
  test(name, { skip }, async () => {
    const baresip = mediaenc === 'none' ? {} : { mediaenc };
    await withBaresip({ folder, baresip, trunk: { srtp } }, async (stage) => {
      const { phone, start, seen, told, heard, server } = stage;
      await start('contact', { first_call: 'operator', switch_at_once: true });
      await seen('talkStarted');
      await seconds(1.5);
      phone().hangUp();
      await told('CALL_CLOSED');
      heardIn(await heard(), 'phoneVoice');
      heardIn(phone().heard.samples, 'baresipVoice');
      const [one, other] = [await seen('legEnded'), await seen('legEnded', 2)];
      const suites = [one.quality?.srtp, other.quality?.srtp];
      assert.ok(suites.includes(suite), String(suites));
      await nothingLeft(server);
    });
  });
}

test('srtp required, and baresip has none: 488, and the call ends', { skip }, async () => {
  await withBaresip({ folder, trunk: { srtp: 'required' } }, async ({ start, seen }) => {
    await start('operator', { first_call: 'operator', switch_at_once: true });
    const { cause } = await seen('legEnded');
    assert.equal(cause.status, 488);
  });
});

for (const srtp of ['off', 'required'] as const) {
  test(`reports both ways, srtp ${srtp}: loss, jitter and round trip of the leg`, {
    skip,
  }, async () => {
    const baresip = srtp === 'off' ? {} : ({ mediaenc: 'srtp-mand' } as const);
    await withBaresip({ folder, baresip, trunk: { srtp } }, async (stage) => {
      const { phone, start, seen, told } = stage;
      await start('operator', { first_call: 'operator', switch_at_once: true });
      await seen('talkStarted');
      // Our report, then baresip's own, each five seconds at the most apart.
      await seconds(12);
      phone().hangUp();
      await told('CALL_CLOSED');
      const [one, other] = [await seen('legEnded'), await seen('legEnded', 2)];
      const leg = [one, other].find(({ quality }) => quality?.roundTripMs !== null);
      assert.ok(leg?.quality, JSON.stringify([one, other]));
      const { received, sent, roundTripMs } = leg.quality;
      assert.ok(roundTripMs! < 1000, `${roundTripMs} ms`);
      assert.equal(sent.lost, 0);
      assert.ok(received.packets > 500 && received.lost! < 10, JSON.stringify(received));
      assert.ok(received.mos! > 4 && sent.mos! > 4, JSON.stringify(leg.quality));
    });
  });
}
