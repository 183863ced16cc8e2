import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { serializeMessage } from './serializer.ts';
import { createResponse, SipParseError, SipRequest, SipResponse } from './sip-message.ts';

const lines: [string, string][] = [
  ['v', 'SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2'],
  ['Via', 'SIP/2.0/UDP c'],
  ['From', '"A" <sip:a@h>;tag=1'],
  ['To', 'sip:b@h'],
  ['Call-ID', 'x@h'],
  ['CSeq', '1 INVITE'],
  ['Record-Route', '<sip:p1;lr>, <sip:p2;lr>'],
  ['Record-Route', '<sip:p3;lr>'],
  ['Contact', '<sip:a@10.0.0.1>, <sip:a@10.0.0.2>'],
  ['Timestamp', '54'],
  ['c', 'Application/SDP ; charset=x'],
];
const invite = (): SipRequest =>
  new SipRequest({ method: 'INVITE', requestUri: 'sip:b@h', headers: lines });

test('typed getters read the headers', () => {
  const request = invite();
  assert.equal(request.topVia.branch, 'z9hG4bK1');
  assert.equal(request.from.tag, '1');
  assert.equal(request.to.uri, 'sip:b@h');
  assert.equal(request.sipCallId, 'x@h');
  assert.deepEqual(request.cseq, { sequence: 1, method: 'INVITE' });
  assert.equal(request.contact?.uri, 'sip:a@10.0.0.1');
  assert.deepEqual(
    request.recordRoutes.map(({ uri }) => uri),
    ['sip:p1;lr', 'sip:p2;lr', 'sip:p3;lr'],
  );
  assert.deepEqual(request.routes, []);
  assert.equal(request.maxForwards, undefined);
  assert.equal(request.contentType, 'application/sdp');
});

test('they keep what they read until the headers change', () => {
  const request = invite();
  const { topVia, from } = request;
  assert.equal(request.topVia, topVia);
  request.headers.set('From', '<sip:z@h>;tag=2');
  assert.equal(request.from.tag, '2');
  assert.notEqual(request.from, from);
  assert.equal(request.contact?.uri, 'sip:a@10.0.0.1');
  request.headers.delete('Contact');
  assert.equal(request.contact, undefined);
});

test('they say what is missing', () => {
  const empty = new SipResponse({ status: 200 });
  for (const name of ['topVia', 'from', 'to', 'sipCallId', 'cseq'] as const) {
    assert.throws(() => empty[name], SipParseError, name);
  }
  assert.equal(empty.contact, undefined);
  assert.equal(empty.contentType, undefined);
});

test('the topmost Via is replaced, wherever the others stand', () => {
  const request = invite();
  request.replaceTopVia({ ...request.topVia, received: '192.0.2.1', rport: 5062 });
  assert.deepEqual(request.headers.values('Via'), [
    'SIP/2.0/UDP a;rport=5062;received=192.0.2.1;branch=z9hG4bK1',
    'SIP/2.0/UDP b;branch=z9hG4bK2',
    'SIP/2.0/UDP c',
  ]);
});

describe('RFC 3261 section 8.2.6: a response', () => {
  const text = (response: SipResponse): string =>
    Buffer.from(serializeMessage(response)).toString();
  const copied = [
    'Via: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/UDP b;branch=z9hG4bK2',
    'Via: SIP/2.0/UDP c',
    'From: "A" <sip:a@h>;tag=1',
  ];

  test('copies Via, From, To, Call-ID and CSeq, and tags To', () => {
    const response = createResponse(invite(), 180, {
      toTag: 't',
      headers: [['Contact', '<sip:me>']],
    });
    assert.deepEqual(text(response).split('\r\n'), [
      'SIP/2.0 180 Ringing',
      ...copied,
      'To: sip:b@h;tag=t',
      'Call-ID: x@h',
      'CSeq: 1 INVITE',
      'Contact: <sip:me>',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  test('100 has no tag of ours, and the Timestamp', () => {
    const response = createResponse(invite(), 100, { toTag: 't' });
    assert.deepEqual(text(response).split('\r\n'), [
      'SIP/2.0 100 Trying',
      ...copied,
      'To: sip:b@h',
      'Call-ID: x@h',
      'CSeq: 1 INVITE',
      'Timestamp: 54',
      'Content-Length: 0',
      '',
      '',
    ]);
  });

  test('a tag that is there stays', () => {
    const request = invite();
    request.headers.set('To', '<sip:b@h>;tag=there');
    assert.equal(createResponse(request, 200, { toTag: 't' }).to.tag, 'there');
  });

  test('with a body, a type and a reason of its own', () => {
    const body = Buffer.from('Ив');
    const response = createResponse(invite(), 488, {
      body,
      contentType: 'text/plain',
      reason: 'No',
    });
    assert.match(text(response), /^SIP\/2\.0 488 No\r\n/);
    assert.match(text(response), /Content-Type: text\/plain\r\nContent-Length: 4\r\n\r\nИв$/);
  });

  test('of a request without most headers', () => {
    const bare = new SipRequest({ method: 'X', requestUri: 'sip:h', headers: [['To', '"']] });
    assert.equal(text(createResponse(bare, 400, { toTag: 't' })).split('\r\n')[1], 'To: "');
  });

  test('reason phrases', () => {
    assert.equal(new SipResponse({ status: 487 }).reason, 'Request Terminated');
    assert.equal(new SipResponse({ status: 499 }).reason, 'Bad Request');
    assert.equal(new SipResponse({ status: 486, reason: '' }).reason, '');
  });
});
