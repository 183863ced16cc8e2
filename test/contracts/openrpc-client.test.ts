import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ApiError, Client } from 'dozvon/client';

test('client/ is what src/client compiles to with the types of a browser: else run npm run docs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-client-'));
  try {
    const tsc = 'node_modules/.bin/tsc';
    await promisify(execFile)(tsc, ['-p', 'src/client/tsconfig.json', '--outDir', folder]);
    const texts = async (from: string): Promise<Record<string, string>> =>
      Object.fromEntries(
        await Promise.all(
          (await readdir(from)).map(async (name) => [
            name,
            await readFile(join(from, name), 'utf8'),
          ]),
        ),
      ) as Record<string, string>;
    assert.deepEqual(await texts('client'), await texts(folder));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the compiled client asks, answers and refuses', async () => {
  const answers: object[] = [
    { jsonrpc: '2.0', id: 1, result: { data: { call_session_id: 7 }, metadata: {} } },
    {
      jsonrpc: '2.0',
      id: 2,
      error: { code: -32602, message: 'no', data: { mnemonic: 'forbidden' } },
    },
  ];
  const sent: unknown[] = [];
  const client = new Client({
    url: 'http://there',
    accessToken: 'key',
    fetch: async (url, init) => {
      sent.push([url, JSON.parse(String(init?.body))]);
      return Response.json(answers.shift());
    },
  });
  const order = {
    first_call: 'contact',
    virtual_phone_number: '74993720692',
    contact: '79260000000',
    operator: '79262444491',
  } as const;
  assert.deepEqual(await client.call('start.simple_call', order), { call_session_id: 7 });
  const params = { access_token: 'key', ...order };
  assert.deepEqual(sent, [
    ['http://there/v4.0', { jsonrpc: '2.0', id: 1, method: 'start.simple_call', params }],
  ]);
  await assert.rejects(client.call('list.calls'), (error) => error instanceof ApiError);
});

/** A program as a user of the package writes it; the last line must not compile. */
const foreign = `import { ApiError, type CallApi, Client } from 'dozvon/client';
const client = new Client({ url: 'http://127.0.0.1:9', accessToken: 'key', fetch: async () => Response.json({
  jsonrpc: '2.0', id: 1, result: { data: [], metadata: {} } }) });
const calls: CallApi['list.calls']['result'] = await client.call('list.calls', { direction: 'in' });
console.log(calls.length, typeof ApiError);
// @ts-expect-error There is no such direction.
await client.call('list.calls', { direction: 'up' });
`;

test('a project of its own imports dozvon/client, with the types of Node and of bundlers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-user-'));
  try {
    const installed = join(folder, 'node_modules/dozvon');
    await mkdir(installed, { recursive: true });
    for (const name of ['package.json', 'client'])
      await cp(name, join(installed, name), { recursive: true });
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'program.ts'), foreign);
    const compile = (module: string, resolution: string): Promise<unknown> => {
      const options = `--strict --target es2022 --lib es2022,dom --module ${module} --moduleResolution ${resolution}`;
      const words = [...options.split(' '), '--types', '', 'program.ts'];
      return promisify(execFile)(resolve('node_modules/.bin/tsc'), words, { cwd: folder });
    };
    await compile('esnext', 'bundler');
    await compile('nodenext', 'nodenext');
    const run = await promisify(execFile)(process.execPath, ['program.js'], { cwd: folder });
    assert.equal(run.stdout, '0 function\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});
