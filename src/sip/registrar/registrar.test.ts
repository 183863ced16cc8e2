// RFC 3261 section 10.3, step by step, on the virtual clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { authorize, chooseChallenge, firstHash, parseChallenge } from '../auth/digest.ts';
import { SipRequest } from '../message/sip-message.ts';
import { type RegisterAnswer, Registrar, type RegistrarOptions } from './registrar.ts';

const realm = 'dozvon';
const passwords: Readonly<Record<string, string>> = { '0123456': 'right', '0123457': 'other' };
const source = { host: '198.51.100.7', port: 34_567 };

type Sent = {
  readonly user?: string;
  readonly contacts?: readonly string[];
  readonly expires?: string;
  readonly callId?: string;
  readonly sequence?: number;
  readonly headers?: readonly (readonly [string, string])[];
};

function world(algorithms?: RegistrarOptions['algorithms']) {
  const clock = new VirtualClock();
  const registrar = new Registrar({
    clock,
    random: seededRandom(5),
    log: silentLogger,
    realm,
    digestsOf: async (user) => {
      const password = passwords[user];
      if (password === undefined) return undefined;
      const hash = (algorithm: string): string => firstHash(algorithm, user, realm, password);
      return { MD5: hash('MD5'), 'SHA-256': hash('SHA-256') };
    },
    ...(algorithms && { algorithms }),
    expires: { least: 60, usual: 600, most: 3600 },
  });
  let sequence = 0;
  const make = (sent: Sent): SipRequest => {
    const { user = '0123456', contacts = ['<sip:0123456@192.168.1.5:5060>'], expires } = sent;
    const request = new SipRequest({ method: 'REGISTER', requestUri: 'sip:dozvon.example' });
    const { headers } = request;
    headers.add('From', `<sip:${user}@dozvon.example>;tag=1`);
    headers.add('To', `<sip:${user}@dozvon.example>`);
    headers.add('Call-ID', sent.callId ?? 'one');
    headers.add('CSeq', `${sent.sequence ?? ++sequence} REGISTER`);
    for (const contact of contacts) headers.add('Contact', contact);
    if (expires !== undefined) headers.add('Expires', expires);
    for (const [name, value] of sent.headers ?? []) headers.add(name, value);
    return request;
  };
  const receive = async (request: SipRequest): Promise<RegisterAnswer> =>
    (await registrar.receive(request, source)) ?? [0];
  const ask = (sent: Sent = {}): Promise<RegisterAnswer> => receive(make(sent));
  /** Answers the challenge as a phone does. */
  const signed = async (
    sent: Sent = {},
    how: {
      name?: string;
      password?: string;
      algorithm?: string;
      nonce?: string;
      count?: number;
    } = {},
  ): Promise<RegisterAnswer> => {
    const challenges = challengesOf(await receive(make({ ...sent, contacts: [] })));
    const wanted =
      how.algorithm === undefined
        ? challenges
        : challenges.filter((it) => it.algorithm === how.algorithm);
    const chosen = chooseChallenge(wanted)!;
    const { name = sent.user ?? '0123456' } = how;
    const value = authorize(
      { ...chosen, nonce: how.nonce ?? chosen.nonce },
      {
        username: name,
        password: how.password ?? passwords[name] ?? '',
        method: 'REGISTER',
        uri: 'sip:dozvon.example',
        cnonce: 'abcdef',
        nonceCount: how.count ?? 1,
      },
    );
    const request = make(sent);
    request.headers.add('Authorization', value);
    return receive(request);
  };
  const uris = (user = '0123456'): string[] => registrar.bindings.of(user).map(({ uri }) => uri);
  return { clock, registrar, ask, signed, uris };
}

const challengesOf = ([, ...headers]: RegisterAnswer) =>
  headers.map(([, value]) => parseChallenge(value));

test('without an answer to a challenge nobody registers; the strongest algorithm stands first', async () => {
  const { ask, uris } = world();
  const answer = await ask();
  assert.equal(answer[0], 401);
  assert.deepEqual(
    challengesOf(answer).map(({ algorithm, stale }) => [algorithm, stale]),
    [
      ['SHA-256', false],
      ['MD5', false],
    ],
  );
  assert.deepEqual(uris(), []);
});

for (const algorithm of ['MD5', 'SHA-256']) {
  test(`the line's own phone registers, by ${algorithm}, for as long as it asks within the limits`, async () => {
    for (const [asked, given] of [
      [undefined, 600],
      ['120', 120],
      ['99999', 3600],
      ['soon', 600],
    ] as const) {
      const { signed, uris, clock, registrar } = world();
      const sent = asked === undefined ? {} : { expires: asked };
      assert.deepEqual(await signed(sent, { algorithm }), [
        200,
        ['Contact', `<sip:0123456@192.168.1.5:5060>;expires=${given}`],
      ]);
      assert.deepEqual(registrar.bindings.of('0123456')[0]!.source, source);
      await clock.advance(given * 1000 - 1);
      assert.equal(uris().length, 1);
      await clock.advance(1);
      assert.deepEqual(uris(), []);
      await clock.advance(120_000);
      assert.deepEqual([registrar.bindings.size, clock.pendingTimers], [0, 0]);
    }
  });
}

test('an old phone that gives up at an unknown algorithm: with MD5 alone only MD5 is asked for', async () => {
  const { ask, signed, uris } = world(['MD5']);
  assert.deepEqual(
    challengesOf(await ask()).map(({ algorithm }) => algorithm),
    ['MD5'],
  );
  assert.equal((await signed())[0], 200);
  assert.equal(uris().length, 1);
});

test('an answer in an algorithm that was not asked for is refused', async () => {
  const [sha256] = challengesOf(await world().ask());
  const { ask, uris } = world(['MD5']);
  const { nonce } = challengesOf(await ask())[0]!;
  const value = authorize(
    { ...sha256!, nonce },
    {
      username: '0123456',
      password: 'right',
      method: 'REGISTER',
      uri: 'sip:dozvon.example',
      cnonce: 'abcdef',
      nonceCount: 1,
    },
  );
  assert.deepEqual(await ask({ headers: [['Authorization', value]] }), [403]);
  assert.deepEqual(uris(), []);
});

test('a wrong password, an unknown line and another line are refused alike', async () => {
  const { signed, uris } = world();
  assert.deepEqual(await signed({}, { password: 'wrong' }), [403]);
  assert.deepEqual(await signed({ user: '0999999' }), [403]);
  assert.deepEqual(await signed({}, { name: '0123457' }), [403]);
  assert.deepEqual(uris(), []);
});

test('an old nonce is challenged anew as stale, a foreign or repeated one anew', async () => {
  const { clock, registrar, ask, signed } = world();
  const { nonce } = challengesOf(await ask())[0]!;
  assert.equal((await signed({}, { nonce }))[0], 200);
  assert.equal((await signed({}, { nonce }))[0], 401, 'sent again');
  assert.equal((await signed({}, { nonce, count: 2 }))[0], 200);
  await clock.advance(300_001);
  const late = await signed({}, { nonce, count: 3 });
  assert.deepEqual([late[0], challengesOf(late)[0]!.stale], [401, true]);
  assert.equal((await signed({}, { nonce: 'made.up' }))[0], 401);
  registrar.close();
  assert.equal(clock.pendingTimers, 0);
});

test('423 for less than the least; 0 removes; * removes all', async () => {
  const { signed, uris, registrar } = world();
  assert.deepEqual(await signed({ expires: '59' }), [423, ['Min-Expires', '60']]);
  const two = ['<sip:a@192.0.2.1>;expires=100', '<sip:b@192.0.2.2>;q=0.5'];
  await signed({ contacts: two, expires: '300' });
  assert.deepEqual(uris(), ['sip:a@192.0.2.1', 'sip:b@192.0.2.2']);
  await signed({ contacts: ['<sip:a@192.0.2.1>;expires=0'] });
  assert.deepEqual(uris(), ['sip:b@192.0.2.2']);
  assert.deepEqual(await signed({ contacts: ['*'], expires: '60' }), [400]);
  assert.deepEqual(await signed({ contacts: ['*', '<sip:c@192.0.2.3>'], expires: '0' }), [400]);
  assert.deepEqual(await signed({ contacts: ['*'], expires: '0' }), [200]);
  assert.deepEqual(uris(), []);
  registrar.close();
});

test('without a contact it only asks: all bindings are told', async () => {
  const { signed, registrar } = world();
  await signed({ contacts: ['<sip:a@192.0.2.1>', '<sip:b@192.0.2.2>;q=0.9'] });
  assert.deepEqual(await signed({ contacts: [] }), [
    200,
    ['Contact', '<sip:a@192.0.2.1>;expires=600'],
    ['Contact', '<sip:b@192.0.2.2>;expires=600'],
  ]);
  registrar.close();
});

test('a request that was overtaken changes nothing', async () => {
  const { signed, uris, registrar } = world();
  await signed({ sequence: 10 });
  assert.deepEqual(await signed({ sequence: 10, expires: '0' }), [500]);
  assert.deepEqual(await signed({ sequence: 9, contacts: ['<sip:late@192.0.2.1>'] }), [500]);
  assert.equal((await signed({ sequence: 1, callId: 'another' }))[0], 200);
  assert.equal(uris().length, 1);
  registrar.close();
});

test('a phone that names its instance has one binding a flow, whatever its address', async () => {
  const { signed, uris, registrar } = world();
  const of = (host: string, id = 1) =>
    `<sip:0123456@${host}>;+sip.instance="<urn:uuid:1>";reg-id=${id}`;
  await signed({ contacts: [of('192.0.2.1')] });
  await signed({ contacts: [of('192.0.2.9')] });
  assert.deepEqual(uris(), ['sip:0123456@192.0.2.9']);
  await signed({ contacts: [of('192.0.2.9', 2)] });
  assert.equal(uris().length, 2);
  registrar.close();
});

test('a phone with another address each time fills no table: ten, those that end first dropped', async () => {
  const { signed, uris, registrar } = world();
  for (let n = 0; n < 30; n++)
    await signed({ contacts: [`<sip:x@192.0.2.${n + 1}>`], expires: `${600 + n}`, callId: `${n}` });
  assert.equal(uris().length, 10);
  assert.ok(uris().includes('sip:x@192.0.2.30'));
  const many = Array.from({ length: 11 }, (_, n) => `<sip:y@192.0.2.${n}>`);
  assert.deepEqual(await signed({ contacts: many }), [400]);
  registrar.close();
});

test('Path is kept for requests to the phone and told back', async () => {
  const { signed, registrar } = world();
  const path = ['Path', '<sip:edge.example;lr>, <sip:edge2.example;lr>'] as const;
  const answer = await signed({ headers: [path] });
  assert.deepEqual(answer.at(-1), path);
  assert.deepEqual(registrar.bindings.of('0123456')[0]!.path, [
    '<sip:edge.example;lr>',
    '<sip:edge2.example;lr>',
  ]);
  registrar.close();
});

const unusable = ['<mailto:a@b>', '<sip:>', '<<>', 'sip:a@b c'];
for (const contact of unusable) {
  test(`a contact that cannot be called is a 400: ${contact}`, async () => {
    const { signed, uris } = world();
    assert.deepEqual(await signed({ contacts: [contact] }), [400]);
    assert.deepEqual(uris(), []);
  });
}

test('removed from outside, the line is rung no more', async () => {
  const { signed, uris, registrar } = world();
  await signed();
  registrar.remove('0123456');
  assert.deepEqual(uris(), []);
  registrar.close();
});

test('who guesses passwords is not answered for a minute, whatever it sends; others are', async () => {
  const { clock, registrar, ask, signed } = world();
  for (let n = 0; n < 20; n++)
    assert.deepEqual(await signed({}, { password: `guess ${n}` }), [403]);
  assert.deepEqual(await ask(), [0]);
  const elsewhere = { host: '198.51.100.8', port: 5060 };
  const request = new SipRequest({ method: 'REGISTER', requestUri: 'sip:dozvon.example' });
  request.headers.add('To', '<sip:0123456@dozvon.example>');
  assert.equal((await registrar.receive(request, elsewhere))?.[0], 401);
  await clock.advance(60_000);
  assert.equal((await signed())[0], 200);
  registrar.close();
});
