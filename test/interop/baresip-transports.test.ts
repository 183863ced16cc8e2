import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { noCertificates, TestAuthority } from '../../src/sip/transport/test-certificates.ts';
import { baresipMissing } from './baresip-process.ts';
import { heardIn, nothingLeft, type StageOptions, seconds, withBaresip } from './baresip-stage.ts';

// The same softphone over TCP and TLS: libre's transports against ours.
const skip = baresipMissing() ?? noCertificates;

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-baresip-'));
});
after(() => rm(folder, { recursive: true }));

/** With one PEM file of certificate and key, as baresip wants it. */
async function overTls(name: string): Promise<Omit<StageOptions, 'folder'>> {
  const authority = new TestAuthority(folder, `ca-${name}`);
  const { certificate, key } = authority.issue(name, `DNS:${name}`);
  const both = join(folder, `${name}-both.pem`);
  await writeFile(both, (await readFile(certificate, 'utf8')) + (await readFile(key, 'utf8')));
  const trunk = { transport: 'tls', domain: 'baresip.example', caFile: authority.caFile } as const;
  return { baresip: { certificate: both }, trunk };
}

const ways: Record<string, () => Promise<Omit<StageOptions, 'folder'>>> = {
  TCP: async () => ({ trunk: { transport: 'tcp' } }),
  TLS: () => overTls('baresip.example'),
};

for (const [name, options] of Object.entries(ways)) {
  for (const hangsUp of ['baresip', 'phone'] as const) {
    test(`baresip over ${name}: hold and resume, then the ${hangsUp} hangs up`, {
      skip,
    }, async () => {
      await withBaresip(
        { folder, ...(await options()) },
        async ({ server, phone, start, seen, told, command }) => {
          await start('operator', { first_call: 'operator', switch_at_once: true });
          await seen('talkStarted');
          await seconds(1.5);
          heardIn(phone().heard.samples, 'baresipVoice');
          await command('hold');
          await command('resume');
          if (hangsUp === 'baresip') await command('hangup');
          else phone().hangUp();
          await told('CALL_CLOSED');
          await seen('callEnded');
          await nothingLeft(server);
        },
      );
    });
  }
}

test('baresip over TLS with a certificate of another name is not called: the next trunk is', {
  skip,
}, async () => {
  await withBaresip(
    { folder, ...(await overTls('other.example')) },
    async ({ server, baresip, start, seen, release }) => {
      const id = await start('operator', { first_call: 'operator', switch_at_once: true });
      await seen('talkStarted');
      assert.deepEqual(
        baresip.events.filter(({ type }) => type === 'CALL_INCOMING'),
        [],
      );
      await release(id);
      await seen('callEnded');
      await nothingLeft(server);
    },
  );
});
