import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** A Node.js of this machine that is too old for the product; npm scripts put our own one before it. */
function findOldNode(): string | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(folder, 'node');
    if (folder.includes('node_modules') || !existsSync(path)) continue;
    const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout;
    if (Number(/^v(\d+)/.exec(version)?.[1] ?? 99) < 24) return path;
  }
  return undefined;
}

const oldNode = findOldNode();
const withOldNode = { skip: oldNode === undefined && 'no Node.js before 24 on this machine' };
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A copy of the launcher with a program of its own behind it. */
function install(program: string, modules: { node: boolean } | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'dozvon-launcher-'));
  folders.push(folder);
  for (const name of ['bin', 'src']) mkdirSync(join(folder, name));
  copyFileSync(join(root, 'bin/dozvon.mjs'), join(folder, 'bin/dozvon.mjs'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'src/main.ts'), program);
  if (modules !== undefined) {
    mkdirSync(join(folder, 'node_modules/zod'), { recursive: true });
    mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
    if (modules.node) symlinkSync(process.execPath, join(folder, 'node_modules/.bin/node'));
  }
  return join(folder, 'bin/dozvon.mjs');
}

const run = (node: string, launcher: string, ...args: readonly string[]) =>
  spawnSync(node, [launcher, ...args], { encoding: 'utf8' });

const typescript = 'const major: number = Number(process.versions.node.split(".")[0]);\n';

for (const [name, node, options] of [
  ['the own Node.js', process.execPath, {}],
  ['an old Node.js', oldNode ?? '', withOldNode],
] as const) {
  test(`started with ${name}: TypeScript runs, arguments and exit code go through`, options, () => {
    const launcher = install(
      `${typescript}console.log(major >= 24, process.argv.slice(2)); process.exitCode = 7;`,
      { node: true },
    );
    const { stdout, stderr, status } = run(node, launcher, 'serve', '--config', 'a b');
    assert.deepEqual([stdout, stderr, status], ["true [ 'serve', '--config', 'a b' ]\n", '', 7]);
  });
}

test('a signal reaches the program behind an old Node.js', withOldNode, async () => {
  const launcher = install(
    `process.on('SIGTERM', () => process.exit(3)); setInterval(() => {}, 1000); console.log('up');`,
    { node: true },
  );
  const child = spawn(oldNode!, [launcher], { stdio: ['ignore', 'pipe', 'inherit'] });
  child.stdout.once('data', () => child.kill('SIGTERM'));
  const code = await new Promise((resolve) => child.once('exit', resolve));
  assert.equal(code, 3);
});

test('a program killed by a signal ends as a shell tells it', withOldNode, () => {
  const launcher = install(`process.kill(process.pid, 'SIGKILL');`, { node: true });
  assert.equal(run(oldNode!, launcher).status, 137);
});

test('without its packages it names npm ci', () => {
  const { stderr, status } = run(process.execPath, install('', undefined));
  assert.match(stderr, /^dozvon: its packages are not installed: run "npm ci" in \//);
  assert.equal(status, 1);
});

test('without the Node.js it brings along it says why', withOldNode, () => {
  const { stderr, status } = run(oldNode!, install('', { node: false }));
  assert.match(stderr, /^dozvon: it needs Node\.js 24 and this is v\d.*npm ci.*--omit=optional/);
  assert.equal(status, 1);
});
