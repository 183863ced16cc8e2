import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compilePosixRegexp } from './posix-regexp.ts';

// biome-ignore format: a table
const found: readonly (readonly [pattern: string, within: readonly string[], not: readonly string[]])[] = [
  ['', ['', 'abc'], []],
  ['abc', ['abc', 'xabcx'], ['ab', 'acb']],
  ['^7499', ['74993720692'], ['874993720692']],
  ['0692$', ['74993720692'], ['74993720692 ']],
  ['^$', [''], ['a']],
  ['a.c', ['abc', 'a.c', 'aяc'], ['ac']],
  ['ab*c', ['ac', 'abc', 'abbbc'], ['adc']],
  ['ab+c', ['abc', 'abbc'], ['ac']],
  ['ab?c', ['ac', 'abc'], ['abbc']],
  ['^a{3}$', ['aaa'], ['aa', 'aaaa']],
  ['^a{2,}$', ['aa', 'aaaaa'], ['a']],
  ['^a{1,3}$', ['a', 'aaa'], ['', 'aaaa']],
  ['^(79|78)', ['79260000000', '78'], ['77']],
  ['^(a|b|cd)*$', ['', 'abcdab'], ['abc']],
  ['^(?:ab){2}$', ['abab'], ['ab']],
  ['[2-4]$', ['2', '3', '4'], ['1', '5']],
  ['^[^0-9]+$', ['abc'], ['a1']],
  ['^[]x]$', [']', 'x'], ['y']],
  ['^[a-]$', ['a', '-'], ['b']],
  ['^[[:digit:][:upper:]]+$', ['A1', 'Я7'], ['a']],
  ['^\\d{4}\\s\\w+$', ['2026 год'], ['2026год']],
  ['\\.\\$', ['1.$'], ['1$']],
  ['Иван', ['Иванов'], ['иванов']],
  ['^.$', ['😀'], ['ab']],
];
for (const [pattern, within, not] of found)
  test(`${pattern || 'the empty expression'} is found where it is, and nowhere else`, () => {
    const expression = compilePosixRegexp(pattern);
    for (const text of within) assert.ok(expression.test(text), `not in ${text}`);
    for (const text of not) assert.ok(!expression.test(text), `in ${text}`);
  });

for (const pattern of [
  '(',
  ')',
  'a)',
  '[',
  '[a',
  '*',
  '+a',
  'a{',
  'a{2,1}',
  'a{256}',
  '(?=a)',
  '(?<name>a)',
  '\\',
  '\\b',
  '[b-a]',
  '[[:word:]]',
  '(((a{200}){200}){200})',
  '('.repeat(60),
  'x'.repeat(501),
])
  test(`${pattern.slice(0, 30)} is no expression`, () => {
    assert.throws(() => compilePosixRegexp(pattern), SyntaxError);
  });

test('an expression on which others search for ever takes no longer than its length', () => {
  assert.equal(compilePosixRegexp('^(a+)+$').test(`${'a'.repeat(5_000)}b`), false);
  assert.equal(compilePosixRegexp('(a*)*b').test('a'.repeat(5_000)), false);
});
