import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { HangupCause } from '../model/hangup-cause.ts';
import { sipOutcomes } from '../model/sip-outcomes.ts';
import { hangupCauseOfStatus } from '../sip/hangup-cause-of-status.ts';
import { notReached, partyLeft } from './ends.ts';
import { finishReasonsPage, finishReasonsPath } from './finish-reasons-page.ts';

/** From the wire to the report, for both sides: spec/simple-call.md section 12. */
// biome-ignore format: a table
const cases: [status: number, q850: number | undefined, cause: string, operator: string, contact: string][] = [
  [302, undefined, 'rejected',      'operator_number_problems', 'subscriber_number_problems'],
  [403, undefined, 'rejected',      'operator_number_problems', 'subscriber_number_problems'],
  [404, undefined, 'numberProblem', 'operator_number_problems', 'subscriber_number_problems'],
  [408, undefined, 'noAnswer',      'operator_not_responsible', 'subscriber_not_responsible'],
  [430, undefined, 'offline',       'sip_offline',              'sip_offline'],
  [480, undefined, 'noAnswer',      'operator_not_responsible', 'subscriber_not_responsible'],
  [480, 20,        'offline',       'sip_offline',              'sip_offline'],
  [480, 17,        'busy',          'operator_busy',            'subscriber_busy'],
  [486, undefined, 'busy',          'operator_busy',            'subscriber_busy'],
  [486, 21,        'busy',          'operator_busy',            'subscriber_busy'],
  [503, undefined, 'failed',        'operator_number_problems', 'subscriber_number_problems'],
  [503, 19,        'noAnswer',      'operator_not_responsible', 'subscriber_not_responsible'],
  [600, undefined, 'busy',          'operator_busy',            'subscriber_busy'],
  [603, undefined, 'rejected',      'operator_busy',            'subscriber_busy'],
  [607, undefined, 'rejected',      'operator_number_problems', 'subscriber_number_problems'],
  [699, undefined, 'rejected',      'operator_number_problems', 'subscriber_number_problems'],
];

for (const [status, q850, type, operator, contact] of cases) {
  test(`finish reasons of ${status}${q850 === undefined ? '' : ` with Q.850 ${q850}`}`, () => {
    const cause = hangupCauseOfStatus(status, { q850 });
    assert.equal(cause.type, type);
    const ends = [notReached('operator', cause), notReached('contact', cause)];
    assert.deepEqual(
      ends.map(({ legFinishReason }) => legFinishReason),
      [operator, contact],
    );
    assert.deepEqual(
      ends.map(({ finishReason }) => finishReason),
      ['no_success_operator_call', 'no_success_subscriber_call'],
    );
  });
}

test('a status of the table means to a leg what the table says, for both roles', () => {
  for (const { status, cause, reason } of sipOutcomes.values()) {
    const got = hangupCauseOfStatus(status);
    assert.equal(got.type, cause, `${status}`);
    const word = reason === 'sip_offline' ? reason : `subscriber_${reason}`;
    assert.equal(notReached('contact', got).legFinishReason, word, `${status}`);
  }
});

// biome-ignore format: a table
const gone: [cause: HangupCause['type'], operator: string, contact: string][] = [
  ['normal',         'operator_disconnects', 'subscriber_disconnects'],
  ['failed',         'locked_phone',         'locked_phone'],
  ['sessionExpired', 'locked_phone',         'locked_phone'],
];

for (const [type, operator, contact] of gone) {
  test(`finish reasons of a party that answered and is gone: ${type}`, () => {
    assert.equal(partyLeft('operator', { type }, false).finishReason, operator);
    assert.equal(partyLeft('contact', { type }, false).finishReason, contact);
    assert.equal(partyLeft('operator', { type }, true).finishReason, 'no_operator_confirmation');
  });
}

test(`${finishReasonsPath} is what the tables say: else run npm run docs`, () => {
  assert.equal(readFileSync(finishReasonsPath, 'utf8'), finishReasonsPage());
});
