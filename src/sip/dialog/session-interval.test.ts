import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SipRequest, SipResponse } from '../message/sip-message.ts';
import {
  agreedByAnswer,
  agreeOnSession,
  readMinSe,
  readSessionExpires,
  SessionWish,
} from './session-interval.ts';

type Headers = readonly (readonly [string, string])[];
const request = (headers: Headers): SipRequest =>
  new SipRequest({ method: 'INVITE', requestUri: 'sip:a@b', headers });
const response = (headers: Headers): SipResponse => new SipResponse({ status: 200, headers });

const knows = ['Supported', 'timer'] as const;
const x = (value: string): readonly [string, string] => ['Session-Expires', value];

/** RFC 4028 section 9, table 2: who supports it, what was asked, what is answered; we would ask for 1800. */
// biome-ignore format: a table
const answers: [name: string, headers: Headers, is: string][] = [
  ['nobody asked, nobody knows it',                [], 'never'],
  ['known but not asked for: ours',                [knows], '1800 uac'],
  ['required but not asked for: ours',             [['Require', 'timer']], '1800 uac'],
  ['known, with a longer Min-SE',                  [knows, ['Min-SE', '3000']], '3000 uac'],
  ['asked without a refresher',                    [knows, x('600')], '600 uac'],
  ['asked with refresher=uac',                     [knows, x('600;refresher=uac')], '600 uac'],
  ['asked with refresher=uas',                     [knows, x('600 ; Refresher = UAS')], '600 uas'],
  ['asked by the compact name',                    [['k', 'timer'], ['x', '600']], '600 uac'],
  ['longer than ours: shortened',                  [knows, x('4000')], '1800 uac'],
  ['longer than ours, but not below its Min-SE',   [knows, x('4000'), ['Min-SE', '2000']], '2000 uac'],
  ['below 90 seconds',                             [knows, x('89')], 'tooBrief'],
  ['just 90 seconds',                              [knows, x('90')], '90 uac'],
  ['by a proxy for a caller that knows nothing',   [x('600')], '600 uas'],
  ['the same, although it named the caller',       [x('600;refresher=uac')], '600 uas'],
  ['the same below 90 s: 422 is not understood',   [x('60')], '60 uas'],
  ['nonsense counts as not asked',                 [knows, x('soon')], '1800 uac'],
];

for (const [name, headers, is] of answers) {
  test(`RFC 4028, the called party: ${name}`, () => {
    const agreed = agreeOnSession(request(headers), 1800);
    const got = typeof agreed === 'object' ? `${agreed.seconds} ${agreed.refresher}` : agreed;
    assert.equal(got ?? 'never', is);
  });
}

// biome-ignore format: a table
const results: [name: string, headers: Headers, is: string][] = [
  ['no Session-Expires: the session does not expire', [knows], 'never'],
  ['the called party refreshes',                      [x('600;refresher=uas')], '600 uas'],
  ['we refresh',                                      [x('600;refresher=uac')], '600 uac'],
  ['nobody is named: we refresh',                     [x('600')], '600 uac'],
  ['less than allowed is followed, but not to zero',  [x('0')], '10 uac'],
  ['a number without end',                            [x('99999999999999999999')], 'never'],
  ['a very long session',                             [x('4294967295;refresher=uas')], '1000000 uas'],
];

for (const [name, headers, is] of results) {
  test(`RFC 4028, the caller: ${name}`, () => {
    const agreed = agreedByAnswer(response(headers));
    assert.equal(agreed === undefined ? 'never' : `${agreed.seconds} ${agreed.refresher}`, is);
  });
}

test('what a caller asks for, and how a 422 changes it', () => {
  const wish = new SessionWish(1800);
  assert.deepEqual(wish.headers(), [
    ['Session-Expires', '1800'],
    ['Min-SE', '90'],
  ]);
  const tooBrief = (minSe: string): SipResponse => response([['Min-SE', minSe]]);
  assert.equal(wish.raise(tooBrief('3600')), true);
  assert.deepEqual(wish.headers(), [
    ['Session-Expires', '3600'],
    ['Min-SE', '3600'],
  ]);
  assert.deepEqual(wish.headers({ seconds: 600, refresher: 'uas' }), [
    ['Session-Expires', '3600;refresher=uas'],
    ['Min-SE', '3600'],
  ]);
  assert.equal(wish.raise(tooBrief('3600')), false, 'it asks for what it was given');
  assert.equal(wish.raise(response([])), false, 'a 422 without a Min-SE');
  for (const more of ['3601', '3602', '3603', '3604']) {
    assert.equal(wish.raise(tooBrief(more)), true, more);
  }
  assert.equal(wish.raise(tooBrief('3605')), false, 'a proxy that always wants more');
  const off = new SessionWish(0);
  assert.deepEqual(off.headers(), []);
  assert.equal(off.raise(tooBrief('3600')), false);
});

test('the headers as they are read', () => {
  assert.deepEqual(readSessionExpires(request([x('1800;refresher=uas;x=y')])), {
    seconds: 1800,
    refresher: 'uas',
  });
  assert.deepEqual(readSessionExpires(request([x('1800;refresher=me')])), { seconds: 1800 });
  assert.equal(readSessionExpires(request([])), undefined);
  assert.equal(readMinSe(request([])), 90);
  assert.equal(readMinSe(request([['Min-SE', '30']])), 90);
  assert.equal(readMinSe(request([['Min-SE', '120;x']])), 120);
});
