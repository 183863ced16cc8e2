// The demo as its users start it, in-process: the scenarios that end before a talk, and its options.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { type DemoOptions, runDemo } from '../../src/demo/demo.ts';
import { scenarios } from '../../src/demo/scenarios.ts';
import { level } from '../../src/media/audio/analysis.ts';
import { decodePrompt } from '../../src/media/audio/prompt-decoder.ts';
import { startBootstrapped } from './test-config.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dozvon-demo-test-'));
});
after(() => rm(folder, { recursive: true }));

async function demo(
  options: Partial<DemoOptions>,
): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const kept = Promise.withResolvers<void>();
  const none = { scenario: undefined, list: false, keep: false, json: false, output: undefined };
  const code = await runDemo(
    { ...none, ...options },
    {
      startServer: startBootstrapped,
      clock: systemClock,
      random: seededRandom(7),
      workingFolder: folder,
      colours: false,
      out: (text) => {
        out += text;
        if (text.includes('Ctrl-C ends it')) kept.resolve();
      },
      err: (text) => {
        err += text;
      },
      interrupted: () => kept.promise,
    },
  );
  return { code, out, err };
}

test('scenarios that end before a talk: shown, judged, written down, told as JSON', async () => {
  const names = ['early-media', 'busy', 'no-answer', 'cancel', 'release'];
  const { code, out } = await demo({ scenario: names.join(','), json: true, keep: true });
  const lines = out.split('\n').filter((line) => line.startsWith('{'));
  const results = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    results.map(({ scenario, verdict, finish_reason, bridge_at }) => ({
      scenario,
      verdict,
      finish_reason,
      bridge_at,
    })),
    names.map((scenario) => ({
      scenario,
      verdict: 'ok',
      finish_reason: scenarios.find(({ name }) => name === scenario)!.expected.finishReason,
      bridge_at: null,
    })),
    out,
  );
  assert.equal(code, 0);
  for (const { legs } of results) {
    const [operator, contact] = legs;
    assert.deepEqual([operator.role, contact.role], ['operator', 'contact']);
    assert.ok(operator.dialed_at < operator.ringing_at, 'dialled, then ringing');
    assert.ok(operator.ringing_at < operator.answered_at, 'ringing, then answered');
    assert.equal(contact.answered_at, null);
  }
  assert.match(out, /◀~+ ringback ~+│/, 'the ladder says what is heard');
  assert.match(out, /start\.simple_call.*"access_token"/, '--keep says how to go on');
  const heard = await readFile(join(folder, 'demo-output', 'busy', 'operator-heard.wav'));
  assert.ok(level(decodePrompt(heard, { longestMs: 60_000 })) > -45, 'the file holds sound');
});

test('--list names every scenario; a name that is none is an error that names them all', async () => {
  const list = await demo({ list: true });
  const unknown = await demo({ scenario: 'operator-frist' });
  for (const { name } of scenarios) {
    assert.match(list.out, new RegExp(`^${name} `, 'm'));
    assert.match(unknown.err, new RegExp(name));
  }
  assert.deepEqual([list.code, unknown.code, unknown.out], [0, 2, '']);
});
