import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  audio,
  createRig,
  leftovers,
  nothing,
  peerAddress,
  type Rig,
  ScriptedPeer,
  type Sent,
} from '../../../test/simulation/scripted-peer.ts';
import { verifyAuthorization } from '../auth/digest.ts';
import type { SipMessage, SipRequest } from '../message/sip-message.ts';

const credentials = { username: '74990000000', password: 'kept to ourselves' };

type Challenge = { realm?: string; nonce?: string; algorithm?: string; stale?: boolean };

function challenge(status: 401 | 407, challenges: Challenge[]): Sent {
  const name = status === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
  const values = challenges.map(
    ({ realm = 'trunk.example', nonce = 'n1', algorithm = 'MD5', stale = false }) =>
      `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth", stale=${stale}`,
  );
  return { headers: values.map((value) => [name, value] as const) };
}

/** The verdict of a server that gave out `nonce` on what came with the request. */
function verdict(request: SipRequest, header: string, nonce = 'n1'): string {
  const value = request.headers.get(header);
  if (value === undefined) return 'no header';
  return verifyAuthorization(value, {
    method: request.method,
    uri: request.requestUri,
    realm: 'trunk.example',
    passwordOf: (name) => (name === credentials.username ? credentials.password : undefined),
    nonceState: (given) => (given === nonce ? 'valid' : 'unknown'),
  }).type;
}

const refuse = (rig: Rig, status: 401 | 407, challenges: Challenge[]): void =>
  rig.peer.respond(rig.peer.last('INVITE'), status, challenge(status, challenges));

const hasCredentials = (message: SipMessage): boolean =>
  message.headers.has('Authorization') || message.headers.has('Proxy-Authorization');

/** Each row: how the trunk refuses the INVITEs in turn, what the last one brings, how it ends. */
const cases: {
  name: string;
  realm?: string;
  refusals: [401 | 407, Challenge[]][];
  nonce?: string;
  verdicts: [www: string, proxy: string];
  invites: number;
  ended?: string;
}[] = [
  {
    name: 'a server challenges by MD5',
    refusals: [[401, [{}]]],
    verdicts: ['accepted', 'no header'],
    invites: 2,
  },
  {
    name: 'a proxy challenges by SHA-256',
    refusals: [[407, [{ algorithm: 'SHA-256' }]]],
    verdicts: ['no header', 'accepted'],
    invites: 2,
  },
  {
    name: 'of two algorithms the stronger one is used',
    refusals: [[401, [{ nonce: 'weak' }, { algorithm: 'SHA-256' }]]],
    verdicts: ['accepted', 'no header'],
    invites: 2,
  },
  {
    name: 'a stale nonce is followed by a try with the new one',
    refusals: [
      [401, [{}]],
      [401, [{ nonce: 'n2', stale: true }]],
    ],
    nonce: 'n2',
    verdicts: ['accepted', 'no header'],
    invites: 3,
  },
  {
    name: 'stale for ever: two tries are enough',
    refusals: [
      [401, [{}]],
      [401, [{ nonce: 'n2', stale: true }]],
      [401, [{ nonce: 'n3', stale: true }]],
    ],
    nonce: 'n2',
    verdicts: ['accepted', 'no header'],
    invites: 3,
    ended: 'terminated remote 401 failed 401',
  },
  {
    name: 'refused again without stale: the password is wrong',
    refusals: [
      [401, [{}]],
      [401, [{ nonce: 'n2' }]],
    ],
    verdicts: ['accepted', 'no header'],
    invites: 2,
    ended: 'terminated remote 401 failed 401',
  },
  {
    name: 'a realm that is not the configured one is not answered',
    realm: 'trunk.example',
    refusals: [[401, [{ realm: 'elsewhere.example' }]]],
    verdicts: ['no header', 'no header'],
    invites: 1,
    ended: 'terminated remote 401 failed 401',
  },
  {
    name: 'among several realms the configured one is answered',
    realm: 'trunk.example',
    refusals: [[401, [{ realm: 'elsewhere.example', nonce: 'x' }, {}]]],
    verdicts: ['accepted', 'no header'],
    invites: 2,
  },
  {
    name: 'after the first realm no other is answered',
    refusals: [
      [401, [{}]],
      [401, [{ realm: 'elsewhere.example', stale: true }]],
    ],
    verdicts: ['accepted', 'no header'],
    invites: 2,
    ended: 'terminated remote 401 failed 401',
  },
  {
    name: 'an unknown algorithm cannot be answered',
    refusals: [[401, [{ algorithm: 'SHA-9' }]]],
    verdicts: ['no header', 'no header'],
    invites: 1,
    ended: 'terminated remote 401 failed 401',
  },
];

for (const { name, realm, refusals, nonce, verdicts, invites, ended } of cases) {
  test(`digest: ${name}`, async () => {
    const rig = createRig();
    rig.call({ credentials: realm === undefined ? credentials : { ...credentials, realm } });
    for (const [status, challenges] of refusals) {
      await rig.clock.advance(10);
      refuse(rig, status, challenges);
    }
    await rig.clock.advance(10);
    const invite = rig.peer.last('INVITE');
    assert.deepEqual(
      [verdict(invite, 'Authorization', nonce), verdict(invite, 'Proxy-Authorization', nonce)],
      verdicts,
    );
    assert.equal(rig.peer.count('INVITE'), invites);
    if (ended === undefined) rig.peer.respond(invite, 486);
    await rig.clock.advance(10);
    assert.match(rig.log.join('\n'), new RegExp(ended ?? 'terminated remote 486 busy 486'));
    assert.deepEqual(await leftovers(rig), nothing);
  });
}

test('digest: without credentials a challenge is a refusal', async () => {
  const rig = createRig();
  rig.call();
  await rig.clock.advance(10);
  refuse(rig, 407, [{}]);
  await rig.clock.advance(10);
  assert.ok(rig.log.includes('10 terminated remote 407 failed 407'));
  assert.deepEqual(await leftovers(rig), nothing);
});

test('digest: hung up before the challenge comes: it is not answered', async () => {
  const rig = createRig();
  const session = rig.call({ credentials });
  await rig.clock.advance(10);
  session.terminate({ type: 'released' });
  refuse(rig, 401, [{}]);
  await rig.clock.advance(10);
  assert.equal(rig.peer.count('INVITE'), 1);
  assert.deepEqual(await leftovers(rig), nothing);
});

test('digest: a challenge that another address sends in the name of the trunk is not answered', async () => {
  const rogueAddress = { host: '203.0.113.66', port: 5060 };
  const rig = createRig({ trusted: [peerAddress.host, rogueAddress.host] });
  const rogue = new ScriptedPeer(rig.network, rig.clock, [], rogueAddress);
  rig.call({ credentials });
  await rig.clock.advance(10);
  rogue.respond(rig.peer.last('INVITE'), 401, challenge(401, [{}]));
  await rig.clock.advance(10);
  assert.ok(!rig.peer.received.some(hasCredentials));
  assert.ok(!rogue.received.some(hasCredentials));
  assert.deepEqual(await leftovers(rig), nothing);
});

test('ES2021-05: a called party that challenges BYE and re-INVITE with any realm gets no Authorization', async () => {
  const realms = ['trunk.example', 'elsewhere.example', 'dozvon', ''];
  for (const trunkChallenges of [undefined, 401, 407] as const) {
    for (const contact of ['<sip:rogue@203.0.113.66:5060>', '<sip:rogue@10.0.0.2:5060>']) {
      for (const status of [401, 407] as const) {
        // The trunk's own kind of challenge through the trunk's own address is the trunk's as far as we can see.
        const isTrunks = trunkChallenges === status && contact.includes(peerAddress.host);
        if (isTrunks) continue;
        const rig = createRig();
        const rogue = new ScriptedPeer(rig.network, rig.clock, [], {
          host: '203.0.113.66',
          port: 5060,
        });
        const session = rig.call({ credentials });
        await rig.clock.advance(10);
        if (trunkChallenges !== undefined) refuse(rig, trunkChallenges, [{}]);
        await rig.clock.advance(10);
        rig.peer.respond(rig.peer.last('INVITE'), 200, { sdp: audio(4000), contact });
        const answers = (peer: ScriptedPeer) => (message: SipMessage) => {
          if (message.kind !== 'request' || message.method === 'ACK') return;
          const challenges = realms.map((realm) => ({ realm, stale: true }));
          peer.respond(message, status, challenge(status, challenges));
        };
        rig.peer.onMessage = answers(rig.peer);
        rogue.onMessage = answers(rogue);
        await rig.clock.advance(10);
        const invites = rig.peer.received.length;
        const refused = assert.rejects(session.reinvite(audio(3002)), {
          name: 'SipRefused',
          status,
        });
        await rig.clock.advance(10);
        await refused;
        session.terminate({ type: 'normal' });
        await rig.clock.advance(10);
        const later = [...rig.peer.received.slice(invites), ...rogue.received];
        const requests = later.filter(({ kind }) => kind === 'request');
        const seen = new Set(requests.map((message) => (message as SipRequest).method));
        assert.ok(seen.has('BYE') && seen.has('INVITE'), 'the rogue was asked');
        assert.deepEqual(later.filter(hasCredentials), []);
        assert.deepEqual(await leftovers(rig), nothing);
      }
    }
  }
});

test('digest: a trunk that challenged the INVITE and challenges the BYE gets its answer', async () => {
  const rig = createRig();
  const session = rig.call({ credentials });
  await rig.clock.advance(10);
  refuse(rig, 407, [{}]);
  await rig.clock.advance(10);
  // Record-Route: the trunk stays on the way, so that the BYE goes to it.
  const headers = [['Record-Route', '<sip:10.0.0.2;lr>']] as const;
  rig.peer.respond(rig.peer.last('INVITE'), 200, {
    sdp: audio(4000),
    contact: '<sip:phone@203.0.113.7>',
    headers,
  });
  await rig.clock.advance(10);
  assert.equal(verdict(rig.peer.last('INVITE'), 'Proxy-Authorization'), 'accepted');
  assert.ok(hasCredentials(rig.peer.last('ACK')), 'RFC 3261 section 22.1');
  session.terminate({ type: 'normal' });
  await rig.clock.advance(10);
  rig.peer.respond(rig.peer.last('BYE'), 407, challenge(407, [{ nonce: 'n2' }]));
  await rig.clock.advance(10);
  const bye = rig.peer.last('BYE');
  assert.equal(verdict(bye, 'Proxy-Authorization', 'n2'), 'accepted');
  assert.equal(bye.cseq.sequence, 4);
  rig.peer.respond(bye, 200);
  assert.deepEqual(await leftovers(rig), nothing);
});
