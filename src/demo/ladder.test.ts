import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawRung, ladderHead, type Rung } from './ladder.ts';

const plain = { colours: false };

test('a ladder keeps its lifelines in their columns', () => {
  const rungs: [number, Rung][] = [
    [3.4, { kind: 'arrow', role: 'operator', way: 'to', text: 'INVITE' }],
    [804, { kind: 'arrow', role: 'operator', way: 'from', text: 'answers' }],
    [810, { kind: 'sound', role: 'operator', text: 'operator_message' }],
    [3000, { kind: 'arrow', role: 'contact', way: 'to', text: 'INVITE' }],
    [3150, { kind: 'arrow', role: 'contact', way: 'from', text: 'rings' }],
    [9000, { kind: 'talk', text: 'they talk' }],
    [12_000, { kind: 'remark', text: 'over' }],
  ];
  const lines = [
    ...ladderHead('79990000001', '79260000002'),
    ...rungs.map(([at, rung]) => drawRung(at, rung, plain)),
  ];
  assert.equal(
    `\n${lines.join('\n')}`,
    `
           operator 79990000001         dozvon           contact 79260000002
           │                               │                               │
  0.003 s  │◀─────────── INVITE ───────────│                               │
  0.804 s  │────────── answers ───────────▶│                               │
  0.810 s  │◀~~~~~~ operator_message ~~~~~~│                               │
  3.000 s  │                               │─────────── INVITE ───────────▶│
  3.150 s  │                               │◀─────────── rings ────────────│
  9.000 s  │◀═════════════════════════ they talk ═════════════════════════▶│
 12.000 s  │ over                                                          │`,
  );
});

test('colour only when asked for', () => {
  const rung: Rung = { kind: 'talk', text: 'they talk' };
  assert.ok(!drawRung(0, rung, plain).includes('\x1b'));
  assert.ok(drawRung(0, rung, { colours: true }).includes('\x1b[32m'));
});
