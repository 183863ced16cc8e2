import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audio } from '../../../test/simulation/scripted-peer.ts';
import { formatSessionDescription } from '../../sdp/session-description-text.ts';
import { SipRequest } from '../message/sip-message.ts';
import { descriptionOf, hasForeignBody, keyOfInfo } from './message-body.ts';

const sdp = formatSessionDescription(audio(4000));
const lines = (...text: string[]): string => text.join('\r\n');

function message(type: string | undefined, body: string): SipRequest {
  const request = new SipRequest({
    method: 'INVITE',
    requestUri: 'sip:a@b',
    body: Buffer.from(body),
  });
  if (type !== undefined) request.headers.add('Content-Type', type);
  return request;
}

const isup = lines('Content-Type: application/ISUP', '', 'xx');
const mixed = (end: string): string =>
  lines(
    '--b1',
    isup,
    '--b1',
    'Content-Disposition: session',
    'Content-Type: application/sdp',
    '',
    sdp + end,
  );

const bodies: {
  name: string;
  type?: string;
  body: string;
  is: number | string;
  foreign: boolean;
}[] = [
  { name: 'a description', type: 'application/sdp', body: sdp, is: 4000, foreign: false },
  {
    name: 'in any case, with a parameter',
    type: 'Application/SDP;x=1',
    body: sdp,
    is: 4000,
    foreign: false,
  },
  { name: 'without a type', body: sdp, is: 4000, foreign: false },
  { name: 'nothing', type: 'application/sdp', body: '', is: 'none', foreign: false },
  {
    name: 'nonsense',
    type: 'application/sdp',
    body: 'v=0\r\nm=x',
    is: 'unreadable',
    foreign: false,
  },
  { name: 'text', type: 'text/plain', body: 'hello', is: 'none', foreign: true },
  {
    name: 'with ISUP',
    type: 'multipart/mixed;boundary=b1',
    body: mixed('\r\n--b1--\r\n'),
    is: 4000,
    foreign: false,
  },
  {
    name: 'a quoted boundary',
    type: 'multipart/mixed; boundary="b1"',
    body: mixed('\r\n--b1--'),
    is: 4000,
    foreign: false,
  },
  {
    name: 'not closed',
    type: 'multipart/mixed;boundary=b1',
    body: mixed(''),
    is: 4000,
    foreign: false,
  },
  {
    name: 'ISUP alone',
    type: 'multipart/mixed;boundary=b1',
    body: lines('--b1', isup, '--b1--'),
    is: 'none',
    foreign: false,
  },
  {
    name: 'no boundary',
    type: 'multipart/mixed',
    body: mixed('\r\n--b1--'),
    is: 'none',
    foreign: false,
  },
];

for (const { name, type, body, is, foreign } of bodies) {
  test(`body: ${name}`, () => {
    const read = descriptionOf(message(type, body));
    assert.equal(typeof read === 'string' ? read : read.description.media[0]!.port, is);
    assert.equal(hasForeignBody(message(type, body)), foreign);
  });
}

test('body: the same words as before are not read again', () => {
  const first = descriptionOf(message('application/sdp', sdp));
  assert.ok(typeof first !== 'string');
  assert.equal(descriptionOf(message('application/sdp', sdp), first), first);
});

// biome-ignore format: a table
const keys: [type: string, body: string, key: string | undefined][] = [
  ['application/dtmf-relay', 'Signal=5\r\nDuration=160', '5'],
  ['application/dtmf-relay', 'signal = #\nduration=100', '#'],
  ['application/dtmf-relay', 'Duration=160\r\nSignal=10\r\n', '*'],
  ['application/dtmf-relay', 'Signal=11', '#'],
  ['application/dtmf-relay', 'Signal=d', 'D'],
  ['application/dtmf-relay', 'Signal=15', 'D'],
  ['application/dtmf-relay', 'Signal=16', undefined],
  ['application/dtmf-relay', 'Signal=', undefined],
  ['application/dtmf', '5', '5'],
  ['application/dtmf', '*\r\n', '*'],
  ['application/dtmf', '123', undefined],
  ['text/plain', '5', undefined],
];

for (const [type, body, key] of keys) {
  test(`INFO: ${type} ${JSON.stringify(body)} is ${key}`, () => {
    assert.equal(keyOfInfo(message(type, body)), key);
  });
}
