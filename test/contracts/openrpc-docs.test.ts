import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { generatedFiles, strayPages } from '../../src/api/openrpc/write-docs.ts';

for (const [path, text] of generatedFiles())
  test(`${path} is what the definitions say: else run npm run docs`, () => {
    assert.equal(readFileSync(path, 'utf8'), text);
  });

test('no page is left of a method that is no more', () => {
  assert.deepEqual(strayPages(), []);
});
