import assert from 'node:assert/strict';
import { pick, type Random, randomInt } from '../../../src/base/random.ts';
import type { InviteSession } from '../../../src/sip/user-agent.ts';
import { audio, createRig, leftovers, nothing, type Rig } from '../../simulation/scripted-peer.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { byteMutations, lineMutations, pieces } from '../mutations.ts';

const description = `Content-Type: application/sdp\n\nv=0\no=- 1 1 IN IP4 10.0.0.9\ns=-\nc=IN IP4 10.0.0.9\nt=0 0\nm=audio 4000 RTP/AVP 8 101\na=rtpmap:101 telephone-event/8000\n`;
const answers = (status: string, more = '', body = description): string =>
  `SIP/2.0 ${status}\nVia: {via}\nFrom: {from}\nTo: {to};tag=peer\nCall-ID: {call-id}\nCSeq: 1 INVITE\nContact: <sip:p@10.0.0.2>\n${more}${body}\n`;
const asks = (method: string, more = '', body = ''): string =>
  `${method} sip:a@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKf{n}\nMax-Forwards: 70\nFrom: {to};tag=peer\nTo: {from}\nCall-ID: {call-id}\nCSeq: {n} ${method}\nContact: <sip:p@10.0.0.2>\n${more}${body}\n`;
const calls = (more = '', body = description): string =>
  `INVITE sip:100@10.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2;rport;branch=z9hG4bKc{n}\nMax-Forwards: 70\nFrom: <sip:b@10.0.0.2>;tag=c\nTo: <sip:100@10.0.0.1>\nCall-ID: in{n}\nCSeq: 1 INVITE\nContact: <sip:b@10.0.0.2>\n${more}${body}\n`;

/** What a trunk says, with places for what only the call under way knows. */
const samples = [
  answers('100 Trying', '', '\n'),
  answers('180 Ringing', 'Require: 100rel\nRSeq: 5\n', '\n'),
  answers('183 Session Progress', 'Require: 100rel\nRSeq: 6\n'),
  answers('200 OK', 'Session-Expires: 120;refresher=uac\nRequire: timer\nAllow: INVITE, UPDATE\n'),
  answers(
    '200 OK',
    'Session-Expires: 90;refresher=uas\nRecord-Route: <sip:10.0.0.2;lr>, <sip:10.0.0.3;lr>\n',
  ),
  answers('302 Moved', 'Contact: <sip:1@10.0.0.2>;q=0.3, <sip:2@10.0.0.2>\n', '\n'),
  answers('401 Unauthorized', 'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\n', '\n'),
  answers('422 Session Interval Too Small', 'Min-SE: 3600\n', '\n'),
  answers('486 Busy Here', 'Reason: Q.850;cause=17\nRetry-After: 5 (busy);duration=1\n', '\n'),
  asks('INVITE', 'Session-Expires: 120\nSupported: timer\n', description),
  asks('UPDATE', '', description),
  asks('PRACK', 'RAck: 5 1 INVITE\n'),
  asks('INFO', '', 'Content-Type: application/dtmf-relay\n\nSignal=5\nDuration=160\n'),
  asks('OPTIONS'),
  asks('REFER', 'Refer-To: <sip:1@10.0.0.66>\n'),
  asks('BYE', 'Reason: Q.850;cause=16\n'),
  calls('Supported: 100rel, timer\nSession-Expires: 90\n'),
  calls('Require: 100rel\n', '\n'),
].map((text) => Buffer.from(text.replaceAll('\n', '\r\n')));

// biome-ignore format: a list to be looked over
const parts = pieces(
  '\r\n', '\0', ' ', ':', ';', ',', '"', '<', '>', '@', '=', '0', '-1', '4294967296', '99999999999999999999', 'peer', '{to}', '{from}',
  '100rel', 'timer', 'RSeq: 7', 'CSeq: 2 INVITE', 'Content-Length: 5', 'SIP/2.0', 'sip:', '\xff', '__proto__', 'z9hG4bK',
);
const separator = Buffer.from('\r\n\x1e\r\n');

/** Some messages of a trunk to one call, each perhaps damaged. */
function dialogue(random: Random): Buffer {
  const mutations = [
    ...Object.values(byteMutations),
    ...Object.values(lineMutations),
    ...Object.values(lineMutations),
  ];
  const said = Array.from({ length: randomInt(random, 1, 8) }, () => {
    const message = pick(random, samples);
    return random.next() < 0.5 ? message : pick(random, mutations)(message, random, parts);
  });
  return Buffer.concat(
    said.flatMap((message, index) => (index === 0 ? [message] : [separator, message])),
  );
}

function split(input: Buffer): string[] {
  return input.toString('latin1').split(separator.toString('latin1'));
}

/** As the peer would fill it in, knowing the INVITE that came. */
function filled(text: string, { peer }: Rig, n: number): Buffer {
  const { headers } = peer.last('INVITE');
  const known: Readonly<Record<string, string>> = {
    via: headers.get('Via')!,
    from: headers.get('From')!,
    to: headers.get('To')!,
    'call-id': headers.get('Call-ID')!,
    n: `${100 + n}`,
  };
  return Buffer.from(
    text.replace(/\{([\w-]+)\}/g, (whole, name: string) => known[name] ?? whole),
    'latin1',
  );
}

/**
 * The whole user agent in a call of ours, and rung by others: whatever the trunk says, nothing throws, the call
 * ends exactly once, and nothing is left of it.
 */
export const sipAgent: FuzzTarget = {
  name: 'sip-agent',
  input: dialogue,
  run: async (input) => {
    const sessions: InviteSession[] = [];
    const rig = createRig({
      onInvite: (invite) => {
        invite.onOffered((event) => event.accept(audio(3001)));
        invite.progress(183, audio(3001));
        sessions.push(invite.accept(audio(3001), () => {}));
      },
    });
    sessions.push(rig.call({ credentials: { username: 'u', password: 'p' } }));
    await rig.clock.advance(10);
    let answeredTo = 0;
    for (const [index, text] of split(input).entries()) {
      rig.peer.sendBytes(filled(text, rig, index));
      await rig.clock.advance(randomGap(index));
      for (const event of rig.events.splice(0)) {
        if (event.type === 'offered') event.accept(audio(3002));
        if (event.type === 'answered') answeredTo++;
      }
    }
    await rig.clock.advance(100_000);
    for (const session of sessions) session.terminate({ type: 'released' });
    assert.deepEqual(await leftovers(rig), nothing);
    const ends = rig.log.filter((line) => / terminated /.test(line)).length;
    assert.equal(ends, 1, rig.log.join('\n'));
    assert.ok(answeredTo <= 1, 'answered twice');
    return answeredTo === 1 ? 'answered' : 'not answered';
  },
  reaches: ['answered', 'not answered'],
};

/** Now and then so long that transactions end and sessions run out. */
function randomGap(index: number): number {
  return [0, 10, 700, 40_000][index % 4]!;
}
