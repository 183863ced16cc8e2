// RFC 3261 section 10 as the client, against a registrar made by hand, on the virtual clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRig, nameOf, peerAddress, type Rig } from '../../test/simulation/scripted-peer.ts';
import { verifyAuthorization } from './auth/digest.ts';
import type { SipRequest } from './message/sip-message.ts';
import { type RegistrationEvent, registrationTable } from './registration.ts';

const credentials = { username: 'account7', password: 'kept to ourselves' };
const target = {
  registrar: 'sip:carrier.example',
  addressOfRecord: { user: 'account7', uri: 'sip:account7@carrier.example' },
  hops: () => [peerAddress],
  credentials,
  expires: 600,
};

type Answer = readonly [status: number, ...headers: (readonly [string, string])[]];

/** What the registrar says to one REGISTER after the other; nothing when the list is over. */
function register(answers: readonly (Answer | 'nothing')[], change: Partial<typeof target> = {}) {
  const rig = createRig();
  const left = [...answers];
  rig.peer.onMessage = (message) => {
    if (message.kind !== 'request' || message.method !== 'REGISTER') return;
    const answer = left.shift();
    if (answer === undefined || answer === 'nothing') return;
    const [status, ...headers] = answer;
    rig.peer.respond(message, status, { contact: null, headers });
  };
  const log: string[] = [];
  const sink = (event: RegistrationEvent): void => {
    log.push(
      event.type === 'registered'
        ? `${rig.clock.now()} registered ${event.expires}${event.serviceRoute.map((it) => ` ${it}`).join('')}`
        : `${rig.clock.now()} lost ${event.status}, again in ${event.retryMs}`,
    );
  };
  const registration = rig.userAgent.register({ ...target, ...change }, sink);
  return { ...rig, registration, events: log, requests: () => requestsOf(rig) };
}

function requestsOf({ peer }: Rig): SipRequest[] {
  return peer.received.filter(
    (message): message is SipRequest => message.kind === 'request' && message.method === 'REGISTER',
  );
}

const challenge: Answer = [
  401,
  ['WWW-Authenticate', 'Digest realm="carrier.example", nonce="n1", algorithm=MD5, qop="auth"'],
];
const ok = (seconds: number): Answer => [
  200,
  ['Contact', `<sip:account7@10.0.0.1:5060>;expires=${seconds}`],
];

async function leftAfterStop(it: ReturnType<typeof register>): Promise<object> {
  const closed = it.registration.close();
  await it.clock.advance(200_000);
  await closed;
  return { ...it.userAgent.counts, timers: it.clock.pendingTimers };
}
const nothing = { sessions: 0, dialogs: 0, transactions: 0, unanswered: 0, timers: 0 };

test('a challenge is answered; the binding is kept as long as the registrar says and refreshed in time', async () => {
  const it = register([challenge, ok(300), ok(300)]);
  await it.clock.advance(1_000);
  const [first, second] = it.requests();
  assert.match(it.events.join(), /registered 300$/);
  assert.equal(it.registration.isRegistered, true);
  assert.equal(first!.headers.has('Authorization'), false);
  const verdict = verifyAuthorization(second!.headers.get('Authorization')!, {
    method: 'REGISTER',
    uri: 'sip:carrier.example',
    realm: 'carrier.example',
    passwordOf: () => credentials.password,
    nonceState: () => 'valid',
  });
  assert.equal(verdict.type, 'accepted');
  const { headers, requestUri } = second!;
  assert.equal(requestUri, 'sip:carrier.example');
  assert.equal(headers.get('To'), '<sip:account7@carrier.example>');
  assert.match(headers.get('Contact')!, /^<sip:account7@[\d.]+:\d+>$/);
  assert.deepEqual([headers.get('Expires'), headers.get('Supported')], ['600', 'path']);
  assert.deepEqual([first!.cseq.sequence, second!.cseq.sequence], [1, 2]);
  assert.equal(first!.sipCallId, second!.sipCallId);

  await it.clock.advance(238_000);
  assert.equal(it.requests().length, 2, 'not before eight tenths');
  await it.clock.advance(32_000);
  assert.equal(it.requests().length, 3, 'before nine tenths');
  assert.equal(it.events.length, 2);
  assert.deepEqual(await leftAfterStop(it), nothing);
});

const expiries: readonly [
  what: string,
  headers: readonly (readonly [string, string])[],
  seconds: number,
][] = [
  [
    'ours among others',
    [['Contact', '<sip:account7@192.0.2.9>;expires=30, <sip:account7@OWN>;expires=120']],
    120,
  ],
  [
    'written in another way',
    [['Contact', '<sip:account7@OWN;transport=udp;ob>;q=1;expires=90']],
    90,
  ],
  [
    'one that is not quite ours, alone',
    [['Contact', '<sip:account7@198.51.100.4:1024>;expires=77']],
    77,
  ],
  ['only an Expires header', [['Expires', '222']], 222],
  [
    'of others only, and an Expires header',
    [
      ['Contact', '<sip:a@192.0.2.9>;expires=30, <sip:b@192.0.2.9>;expires=31'],
      ['Expires', '55'],
    ],
    55,
  ],
  ['nothing at all', [], 600],
  [
    'what cannot be read',
    [
      ['Contact', '<<>'],
      ['Expires', 'soon'],
    ],
    600,
  ],
  ['more than a day', [['Expires', '999999']], 86_400],
];
for (const [what, headers, seconds] of expiries) {
  test(`how long the binding is kept: ${what}`, async () => {
    const it = register([]);
    await it.clock.advance(100);
    const own = /<sip:account7@(.*)>/.exec(requestOfNow(it).headers.get('Contact')!)![1]!;
    it.peer.respond(requestOfNow(it), 200, {
      contact: null,
      headers: headers.map(([name, value]) => [name, value.replace('OWN', own)] as const),
    });
    await it.clock.advance(100);
    assert.match(it.events[0]!, new RegExp(`registered ${seconds}$`));
    assert.deepEqual(await leftAfterStop(it), nothing);
  });
}

function requestOfNow(it: ReturnType<typeof register>): SipRequest {
  return it.requests().at(-1)!;
}

const losses: readonly [
  what: string,
  answer: Answer | 'nothing',
  status: number,
  atLeastMs: number,
  atMostMs: number,
][] = [
  ['refused', [403], 403, 15_000, 30_000],
  ['a wrong password', challenge, 401, 15_000, 30_000],
  ['busy for a while', [503, ['Retry-After', '120 (maintenance)']], 503, 120_000, 120_000],
  ['nothing is kept', [200, ['Expires', '0']], 200, 15_000, 30_000],
];
for (const [what, answer, status, atLeastMs, atMostMs] of losses) {
  test(`not registered, tried again: ${what}`, async () => {
    const it = register([answer, answer, ok(300)]);
    await it.clock.advance(1_000);
    assert.equal(it.registration.isRegistered, false);
    assert.equal(it.events.length, 1);
    const [, told, retry] = /lost (\d+), again in (\d+)$/.exec(it.events[0]!)!;
    assert.equal(Number(told), status);
    assert.ok(Number(retry) >= atLeastMs && Number(retry) <= atMostMs, retry);
    await it.clock.advance(4 * atMostMs);
    assert.match(it.events.at(-1)!, /registered 300$/);
    assert.deepEqual(await leftAfterStop(it), nothing);
  });
}

test('no answer: lost after 64*T1, tried again, later and later, up to half an hour', async () => {
  const it = register([]);
  await it.clock.advance(24 * 3_600_000);
  const waits = it.events.map((line) => Number(line.split(' ').at(-1)));
  assert.match(it.events[0]!, /^32000 lost 408/);
  waits.forEach((wait, index) => {
    const upTo = Math.min(1_800_000, 30_000 * 2 ** index);
    assert.ok(wait >= upTo / 2 && wait <= upTo, `wait ${index}: ${wait}`);
  });
  assert.ok(waits.length > 40);
  assert.deepEqual(await leftAfterStop(it), nothing);
});

test('423: asked for again with as much as the registrar wants, once', async () => {
  const it = register([
    [423, ['Min-Expires', '1800']],
    ok(1800),
    [423, ['Min-Expires', '3600']],
    [423, ['Min-Expires', '7200']],
  ]);
  await it.clock.advance(100);
  assert.deepEqual(
    it.requests().map(({ headers }) => headers.get('Expires')),
    ['600', '1800'],
  );
  await it.clock.advance(1_800_000);
  assert.ok(it.events.some((line) => /lost 423/.test(line)));
  assert.deepEqual(await leftAfterStop(it), nothing);
});

test('Service-Route is handed on as it came', async () => {
  const it = register([
    [
      200,
      ['Expires', '60'],
      ['Service-Route', '<sip:p1.carrier.example;lr>, <sip:p2.carrier.example;lr>'],
    ],
  ]);
  await it.clock.advance(100);
  assert.match(
    it.events[0]!,
    /registered 60 <sip:p1\.carrier\.example;lr> <sip:p2\.carrier\.example;lr>$/,
  );
  assert.deepEqual(await leftAfterStop(it), nothing);
});

test('the trunk may have forgotten us: registered again at once', async () => {
  const it = register([ok(600), ok(600)]);
  await it.clock.advance(100);
  it.registration.renew();
  await it.clock.advance(100);
  assert.equal(it.events.length, 2);
  assert.deepEqual(await leftAfterStop(it), nothing);
});

test('closing removes the binding, challenged or not, and waits two seconds at most', async () => {
  for (const [answers, atMost] of [
    [[ok(600), [200] as Answer], 200],
    [[ok(600), challenge, [200] as Answer], 200],
    [[ok(600), 'nothing' as const], 2_000],
  ] as const) {
    const it = register(answers);
    await it.clock.advance(100);
    const before = it.clock.now();
    let closedAt = Number.NaN;
    void it.registration.close().then(() => {
      closedAt = it.clock.now();
    });
    await it.clock.advance(10_000);
    assert.ok(closedAt - before <= atMost, `${closedAt - before}`);
    assert.equal(requestOfNow(it).headers.get('Expires'), '0');
    assert.equal(it.registration.isRegistered, false);
    await it.clock.advance(200_000);
    assert.equal(it.clock.pendingTimers, 0);
  }
});

test('a rogue that challenges for another realm than the configured one gets no digest', async () => {
  const it = register([challenge], {
    credentials: { ...credentials, realm: 'other.example' } as never,
  });
  await it.clock.advance(100);
  assert.match(it.events[0]!, /lost 401/);
  assert.ok(it.requests().every(({ headers }) => !headers.has('Authorization')));
  assert.deepEqual(await leftAfterStop(it), nothing);
});

test('OPTIONS: whoever answers is there', async () => {
  const rig = createRig();
  const ask = () => rig.userAgent.ping({ requestUri: 'sip:carrier.example', nextHop: peerAddress });
  rig.peer.onMessage = (message) => {
    if (nameOf(message) === 'OPTIONS')
      rig.peer.respond(message as SipRequest, 405, { contact: null });
  };
  const answered = ask();
  await rig.clock.advance(100);
  assert.equal(await answered, 405);
  rig.peer.onMessage = undefined;
  const silent = ask();
  await rig.clock.advance(40_000);
  assert.equal(await silent, 408);
});

test('the table: no state but the last is without a way out', () => {
  for (const [state, rows] of Object.entries(registrationTable))
    assert.equal(Object.keys(rows).length > 0, state !== 'closed', state);
});
