import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { methods } from '../../src/api/methods/methods.ts';
import { differences, notBuilt, vendorCallApi } from './vendor.ts';

const vendorDataApi = JSON.parse(
  readFileSync(new URL('../corpus/vendor-data-api.json', import.meta.url), 'utf8'),
) as { readonly methods: Readonly<Record<string, unknown>> };
const page = readFileSync('docs/compatibility.md', 'utf8');
const quirks = readFileSync(new URL('quirks.test.ts', import.meta.url), 'utf8');

/** The cells of each row of the tables below a heading. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const from = page.indexOf(`${heading}\n`);
  assert.ok(from >= 0, heading);
  const [, body = ''] = page.slice(from).split(/^#+ .*$/m);
  const lines = body.split('\n').filter((line) => /^\| [^-]/.test(line));
  return lines.slice(1).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('every method of the vendor’s Call API is told of, and whether it is built', () => {
  const rows = rowsBelow('## Call API, method by method');
  const told = rows.map(([name, state]) => [name?.replaceAll('`', ''), state === 'not built']);
  const actual = Object.keys(vendorCallApi.methods).map((name) => [name, notBuilt.includes(name)]);
  assert.deepEqual(told.sort(), actual.sort());
  for (const name of notBuilt) assert.ok(!methods.has(name), name);
});

test('every method of the vendor’s Data API is told of', () => {
  const told = rowsBelow('## Data API').flatMap(([names = '']) =>
    [...names.matchAll(/`([a-z_.]+)`/g)].map(([, name]) => name),
  );
  const untold = Object.keys(vendorDataApi.methods).filter((name) => !told.includes(name));
  assert.deepEqual(untold, []);
});

test('every difference of a parameter that the comparison finds is explained', () => {
  const told = rowsBelow('### Parameters that differ').map(([name]) => name?.replaceAll('`', ''));
  const untold = Object.keys(differences).filter((name) => !told.includes(name));
  assert.deepEqual(untold, []);
});

test('W1 to W20 are told of, each with its test', () => {
  const names = Array.from({ length: 20 }, (_, at) => `W${at + 1}`);
  assert.deepEqual(
    rowsBelow('## What clients rely on').map(([name]) => name),
    names,
  );
  const tested = [...quirks.matchAll(/test\(\s*'(W\d+): /g)].map(([, name]) => name);
  assert.deepEqual(tested, names);
});
