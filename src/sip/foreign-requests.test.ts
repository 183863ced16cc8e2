import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callerRequest, createCalled } from '../../test/simulation/scripted-caller.ts';
import { audio, nothing } from '../../test/simulation/scripted-peer.ts';
import { allow } from './dialog/session-host.ts';

type Header = readonly [string, string];
type Row = {
  readonly what: string;
  readonly method: string;
  readonly headers?: readonly Header[];
  readonly body?: string;
  readonly status: number;
  readonly header?: Header;
};

const refer: Header = ['Refer-To', '<sip:1@198.51.100.66>'];
const replaces: Header = ['Replaces', 'one;to-tag=a;from-tag=b'];

/**
 * What is asked of us from outside any dialog that we do not do: RFC 3261 section 8.2.1 has each refused in
 * a way its sender understands, and Allow says what we do instead.
 */
// biome-ignore format: a table
const rows: Row[] = [
  { what: 'REFER (RFC 3515): no transfers', method: 'REFER', headers: [refer], status: 405, header: ['Allow', allow] },
  { what: 'REFER that requires norefersub', method: 'REFER', headers: [refer, ['Require', 'norefersub']], status: 405, header: ['Allow', allow] },
  { what: 'SUBSCRIBE (RFC 6665)', method: 'SUBSCRIBE', headers: [['Event', 'dialog']], status: 405, header: ['Allow', allow] },
  { what: 'NOTIFY of nothing we subscribed to', method: 'NOTIFY', headers: [['Event', 'refer']], status: 405, header: ['Allow', allow] },
  { what: 'MESSAGE (RFC 3428)', method: 'MESSAGE', headers: [['Content-Type', 'text/plain']], body: 'hello', status: 405, header: ['Allow', allow] },
  { what: 'PUBLISH (RFC 3903)', method: 'PUBLISH', headers: [['Event', 'presence']], status: 405, header: ['Allow', allow] },
  { what: 'REGISTER: no registrar', method: 'REGISTER', status: 405, header: ['Allow', allow] },
  { what: 'a method nobody knows', method: 'NEWMETHOD', status: 405, header: ['Allow', allow] },
  { what: 'PRACK outside a dialog', method: 'PRACK', headers: [['RAck', '1 1 INVITE']], status: 481 },
  { what: 'UPDATE outside a dialog', method: 'UPDATE', status: 481 },
  { what: 'INFO outside a dialog', method: 'INFO', status: 481 },
  { what: 'INVITE that replaces a call (RFC 3891)', method: 'INVITE', headers: [replaces], status: 481 },
  { what: 'the same, required', method: 'INVITE', headers: [replaces, ['Require', 'replaces']], status: 420, header: ['Unsupported', 'replaces'] },
  { what: 'INVITE that joins a call (RFC 3911), required', method: 'INVITE', headers: [['Require', 'join']], status: 420, header: ['Unsupported', 'join'] },
  { what: 'INVITE with preconditions (RFC 3312), required', method: 'INVITE', headers: [['Require', '100rel, precondition']], status: 420, header: ['Unsupported', 'precondition'] },
  { what: 'OPTIONS', method: 'OPTIONS', status: 200, header: ['Supported', '100rel, timer'] },
];

for (const { what, method, headers = [], body, status, header } of rows) {
  test(`from outside: ${what}: ${status}`, async () => {
    const { rig } = createCalled();
    const sent = body === undefined ? {} : { body };
    const sdp = method === 'INVITE' ? { sdp: audio(4000) } : {};
    callerRequest(rig, method, { headers, ...sdp, ...sent });
    await rig.clock.advance(0);
    const response = rig.peer.lastResponse(method);
    assert.equal(response.status, status);
    if (header !== undefined) assert.equal(response.headers.get(header[0]), header[1]);
    assert.deepEqual({ ...rig.userAgent.counts, timers: rig.clock.pendingTimers }, nothing);
  });
}

test('from outside: every method that Allow names is answered, every extension that Supported names accepted', async () => {
  for (const method of allow.split(', ')) {
    const { rig } = createCalled();
    callerRequest(rig, method, { sdp: audio(4000) });
    await rig.clock.advance(300);
    if (method === 'ACK') assert.deepEqual(rig.peer.received, []);
    else assert.notEqual(rig.peer.lastResponse(method).status, 405, method);
  }
  for (const tag of ['100rel', 'timer']) {
    const { rig } = createCalled();
    callerRequest(rig, 'INVITE', { sdp: audio(4000), headers: [['Require', tag]] });
    await rig.clock.advance(300);
    assert.equal(rig.peer.lastResponse('INVITE').status, 100, tag);
  }
});
