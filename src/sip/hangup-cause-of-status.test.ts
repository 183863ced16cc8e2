import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hangupCauseOfStatus, q850OfCause } from './hangup-cause-of-status.ts';
import { SipRequest, SipResponse } from './message/sip-message.ts';
import { formatReason, hangupCauseOfResponse, readQ850, readRetryAfterMs } from './reason.ts';

// biome-ignore format: a table
const cases: [status: number, q850: number | undefined, type: string][] = [
  [486, undefined, 'busy'],
  [600, undefined, 'busy'],
  [408, undefined, 'noAnswer'],
  [480, undefined, 'noAnswer'],
  [487, undefined, 'noAnswer'],
  [404, undefined, 'numberProblem'],
  [410, undefined, 'numberProblem'],
  [416, undefined, 'numberProblem'],
  [484, undefined, 'numberProblem'],
  [485, undefined, 'numberProblem'],
  [604, undefined, 'numberProblem'],
  [403, undefined, 'rejected'],
  [433, undefined, 'rejected'],
  [603, undefined, 'rejected'],
  [607, undefined, 'rejected'],
  [608, undefined, 'rejected'],
  [402, undefined, 'rejected'],
  [302, undefined, 'rejected'],
  [499, undefined, 'rejected'],  // Not registered: a refusal.
  [599, undefined, 'failed'],    // Not registered: a fault.
  [430, undefined, 'offline'],
  [401, undefined, 'failed'],
  [407, undefined, 'failed'],
  [488, undefined, 'failed'],
  [500, undefined, 'failed'],
  [503, undefined, 'failed'],
  [580, undefined, 'failed'],
  // A Q.850 cause explains a vague status …
  [480, 20, 'offline'],
  [480, 19, 'noAnswer'],
  [503, 17, 'busy'],
  [500, 1, 'numberProblem'],
  [503, 21, 'rejected'],
  [503, 34, 'failed'],
  // … and does not contradict a clear one.
  [486, 21, 'busy'],
  [404, 17, 'numberProblem'],
];

for (const [status, q850, type] of cases) {
  test(`${status}${q850 === undefined ? '' : ` with Q.850 ${q850}`} means ${type}`, () => {
    const expected = { type, status, ...(q850 === undefined ? {} : { q850 }) };
    assert.deepEqual(hangupCauseOfStatus(status, { q850 }), expected);
  });
}

test('the Reason header (RFC 3326): what we write, and what we read', () => {
  assert.equal(formatReason({ type: 'busy' }), 'Q.850;cause=17');
  assert.equal(q850OfCause({ type: 'failed', q850: 47 }), 47);
  const read = (...values: string[]): number | undefined => {
    const request = new SipRequest({ method: 'BYE', requestUri: 'sip:a@b' });
    for (const value of values) request.headers.add('Reason', value);
    return readQ850(request);
  };
  assert.equal(read(), undefined);
  assert.equal(read('Q.850;cause=16;text="Terminated, normally"'), 16);
  assert.equal(read('SIP ;cause=200 ;text="Call completed elsewhere"'), undefined);
  assert.equal(read('SIP;cause=580', 'q.850 ; text="a" ; cause = 31'), 31);
  assert.equal(read('Q.850;text="cause=17"'), undefined);
});

// biome-ignore format: a table
const retries: [value: string, ms: number | undefined][] = [
  ['120', 120_000],
  [' 5 (I am in a meeting)', 5_000],
  ['18000;duration=3600', 18_000_000],
  ['0', 0],
  ['99999999', 86_400_000],
  ['soon', undefined],
  ['12x', undefined],
  ['-1', undefined],
];

for (const [value, ms] of retries) {
  test(`Retry-After: ${value}`, () => {
    const response = new SipResponse({ status: 503, headers: [['Retry-After', value]] });
    assert.equal(readRetryAfterMs(response), ms);
    const expected = {
      type: 'failed',
      status: 503,
      ...(ms === undefined ? {} : { retryAfterMs: ms }),
    };
    assert.deepEqual(hangupCauseOfResponse(response), expected);
  });
}
