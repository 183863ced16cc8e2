import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { behaviourByNumber, defaultRule, numberRules } from './number-rules.ts';

test('the table in the documentation is the table in the code', () => {
  const page = readFileSync(new URL('../../docs/operating/sandbox.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| (?:`(\d\d)`|anything else) \| (.*) \|$/gm)];
  assert.deepEqual(
    rows.map(([, ending = '', does]) => ({ ending, does })),
    [defaultRule, ...numberRules].map(({ ending, does }) => ({ ending, does })),
  );
});

test('the last two digits choose', () => {
  assert.deepEqual(behaviourByNumber('79260000001').final, {
    type: 'rejects',
    afterMs: 500,
    status: 486,
  });
  assert.deepEqual(behaviourByNumber('79260001234').final, { type: 'answers', afterMs: 2000 });
});
