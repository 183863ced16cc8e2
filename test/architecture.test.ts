import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

/** What each folder of src/ may import, besides itself, node: modules and packages. Nothing else is allowed. */
const mayImport: Record<string, readonly string[]> = {
  base: [],
  model: ['base'],
  sdp: ['base'],
  sip: ['base', 'model', 'sdp'],
  media: ['base', 'model', 'sdp'],
  store: ['base', 'model'],
  bus: ['base', 'model'],
  numbers: ['base', 'model', 'store'],
  calls: ['base', 'model', 'sdp', 'sip', 'media', 'store', 'bus'],
  config: ['base', 'model', 'store'],
  api: ['base', 'model', 'numbers', 'calls', 'store', 'bus'],
  // Browsers load it: it may need nothing of the server.
  client: [],
  sandbox: ['base', 'model', 'sdp', 'sip', 'media'],
  demo: ['base', 'model', 'bus', 'media', 'sandbox', 'config', 'client'],
  cli: ['base', 'model', 'config', 'store', 'numbers', 'calls', 'api', 'media', 'demo', 'client'],
};

/** Implementations, which only the wiring in src/server.ts and src/main.ts may name. */
const implementations =
  /\/(?:udp-transport|tcp-transport|tls-transport|open-transports|node-dns|embedded-engine|sqlite\/|local-event-bus|sip-user-agent)/;
const wiring = /^src\/(?:server|main)\.ts$/;
/** These make a peer of their own, so they name the stack they are built on. */
const mayNameImplementations = /^src\/sandbox\//;

const linesAtMost: Record<string, number> = {
  'src/calls/call.ts': 300,
  'src/calls/call-leg.ts': 300,
  // Generated: it grows with the methods.
  'src/client/methods.ts': 5_000,
};
const defaultLinesAtMost = 600;
const functionLinesAtMost = 70;

const importPattern = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g;

for (const file of globSync('src/**/*.ts').sort()) {
  const isTest = file.endsWith('.test.ts');
  const source = readFileSync(file, 'utf8');
  const folder = file.split('/').length > 2 ? file.split('/')[1]! : '';

  test(`${file}: imports, size`, () => {
    if (folder !== '')
      assert.ok(folder in mayImport, `src/${folder}/ is not in the dependency table`);
    for (const [, path] of source.matchAll(importPattern)) {
      const target = new URL(path!, `file:///${file}`).pathname.slice(1);
      const targetFolder = target.split('/').length > 2 ? target.split('/')[1]! : '';
      if (folder !== '' && !isTest) {
        const allowed = targetFolder === folder || mayImport[folder]!.includes(targetFolder);
        assert.ok(allowed, `${folder}/ may not import ${target}`);
        const within =
          target.split('/').slice(0, -1).join('/') === file.split('/').slice(0, -1).join('/');
        assert.ok(
          within ||
            targetFolder === folder ||
            mayNameImplementations.test(file) ||
            !implementations.test(`/${target}`),
          `only ${wiring} may name ${target}`,
        );
      }
    }
    const limit = linesAtMost[file] ?? defaultLinesAtMost;
    const lines = source.split('\n').length;
    assert.ok(lines <= limit, `${lines} lines; at most ${limit}: split it by concept`);
    if (!isTest) assertShortFunctions(source);
  });
}

/** A function's length by its indentation, as the formatter leaves it: from `… {` to the matching `}`. */
function assertShortFunctions(source: string): void {
  const lines = source.split('\n');
  const opens =
    /^(\s*)(?:export |default |async |static |override |get |set |readonly )*(?:function\b.*|(?:#?\w+)(?:<[^>]*>)?\(.*\).*|.*=> )\{$/;
  lines.forEach((line, index) => {
    const match = opens.exec(line);
    if (match === null || /^\s*(?:if|for|while|switch|catch|\} )/.test(line)) return;
    const end = lines.findIndex((other, at) => at > index && other.startsWith(`${match[1]}}`));
    const length = end - index + 1;
    assert.ok(length <= functionLinesAtMost, `line ${index + 1}: a function of ${length} lines`);
  });
}

test('no text of the project names a path of a developer machine', () => {
  const pattern = new RegExp(['/work', 'main'].join('/'));
  for (const file of globSync('{src,test,bench,docs,bin}/**/*.{ts,md,mjs,json}')) {
    assert.ok(!pattern.test(readFileSync(file, 'utf8')), `${file} does`);
  }
});
