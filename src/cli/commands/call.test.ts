import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { test } from 'node:test';
import { TestConsole } from '../test-console.ts';

type Handler = (request: Record<string, unknown>) => object;

const head = { callSessionId: 5, accountId: 1 };
const started = {
  ...head,
  at: 1000,
  type: 'callStarted',
  source: 'callapi',
  direction: 'in',
  virtualNumber: '74993720692',
  contact: '79260000000',
  operator: '79262444491',
};
const events = [
  started,
  {
    ...head,
    at: 1004,
    type: 'legDialing',
    legId: 1,
    role: 'operator',
    callingNumber: '74993720692',
    calledNumber: '79262444491',
    trunk: 'sandbox',
  },
  { ...head, at: 1250, type: 'legRinging', legId: 1 },
  { ...head, at: 3000, type: 'legAnswered', legId: 1 },
  { ...head, at: 3001, type: 'hearing', legId: 1, what: { prompt: 'dialing_music', loop: true } },
  {
    ...head,
    at: 3002,
    type: 'legDialing',
    legId: 2,
    role: 'contact',
    callingNumber: '74993720692',
    calledNumber: '79260000000',
    trunk: 'sandbox',
  },
  { ...head, at: 4000, type: 'legEarlyMedia', legId: 2 },
  { ...head, at: 5000, type: 'legAnswered', legId: 2 },
  { ...head, at: 5001, type: 'hearing', legId: 1, what: { legs: [2] } },
  { ...head, at: 5001, type: 'talkStarted', legIds: [1, 2] },
  { ...head, at: 6000, type: 'dtmfReceived', legId: 1, keys: '1' },
  {
    ...head,
    at: 65_001,
    type: 'legEnded',
    legId: 2,
    by: 'remote',
    cause: { type: 'normal', status: 200, q850: 16 },
    finishReason: 'subscriber_disconnects',
    quality: {
      codec: 'PCMA',
      srtp: 'AEAD_AES_128_GCM',
      roundTripMs: 42,
      received: {
        packets: 1000,
        octets: 160_000,
        lost: 5,
        lossPercent: 0.5,
        jitterMs: 3,
        mos: 4.3,
      },
      sent: { packets: 9, octets: 99, lost: null, lossPercent: null, jitterMs: null, mos: null },
    },
  },
  {
    ...head,
    at: 65_002,
    type: 'callEnded',
    cause: { type: 'normal' },
    finishReason: 'subscriber_disconnects',
  },
];
const ended = { ...events.at(-1), at: 2000 };

/** The server's side of `dozvon call`: JSON-RPC answers and one stream of events. */
async function withServer(
  answer: Handler,
  stream: (response: ServerResponse) => void,
  work: (
    console: TestConsole,
    requests: { url: string; authorization: string | undefined }[],
  ) => Promise<void>,
  streamHead = { status: 200, 'content-type': 'text/event-stream' },
): Promise<void> {
  const requests: { url: string; authorization: string | undefined }[] = [];
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    requests.push({ url: request.url ?? '', authorization: request.headers.authorization });
    if (request.method === 'GET') {
      const { status, ...headers } = streamHead;
      response.writeHead(status, headers);
      return stream(response);
    }
    const body = (await json(request)) as Record<string, unknown>;
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id: body.id, ...answer(body) }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const console = new TestConsole();
  const { port } = server.address() as AddressInfo;
  console.env = { DOZVON_URL: `http://127.0.0.1:${port}`, DOZVON_KEY: 'the-key' };
  try {
    await work(console, requests);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const accepted: Handler = () => ({ result: { data: { call_session_id: 5 }, metadata: {} } });
const message = (event: object): string => `event: call\ndata: ${JSON.stringify(event)}\n\n`;
const numbers =
  '--from-operator 79262444491 --contact 79260000000 --virtual-phone-number 74993720692'.split(' ');

test('a call from the first line to the last; exit code 0 as they talked', () =>
  withServer(
    accepted,
    (response) => {
      const bytes = Buffer.from(`: hello\n\n${events.map(message).join('')}`);
      // Cut in the middle of a line: what is read from the network comes in any pieces.
      response.write(bytes.subarray(0, 333));
      setImmediate(() => response.end(bytes.subarray(333)));
    },
    async (console, requests) => {
      assert.equal(await console.run('call', ...numbers), 0);
      assert.equal(
        console.stdout,
        `   0.000  call 5: operator 79262444491, contact 79260000000, from 74993720692
   0.004  operator: dialling 79262444491 through sandbox, shown 74993720692
   0.250  operator: rings
   2.000  operator: answered
   2.001  operator: hears dialing_music (looped)
   2.002  contact: dialling 79260000000 through sandbox, shown 74993720692
   3.000  contact: sends sound before the answer
   4.000  contact: answered
   4.001  operator: hears contact
   4.001  connected: operator and contact hear each other
   5.000  operator: pressed 1
  64.001  contact: ended by the party, normal (SIP 200, Q.850 16), subscriber_disconnects; PCMA, AEAD_AES_128_GCM; heard from it: 0.5 % lost, jitter 3 ms, MOS 4.3; round trip 42 ms
  64.002  call ended: normal, subscriber_disconnects
`,
      );
      assert.deepEqual(requests.at(-1), {
        url: '/v4.0/events?call_session_id=5',
        authorization: 'Bearer the-key',
      });
    },
  ));

test('every parameter of start.simple_call has an option', async () => {
  let params: unknown;
  await withServer(
    (request) => {
      params = request.params;
      return accepted(request);
    },
    (response) => response.end(message(started) + message(ended)),
    async (console) => {
      const line =
        'call --operator 79262444491 --contact 79260000000 --first-call contact ' +
        '--virtual-phone-number 74993720692 --virtual-phone-usage-rule fixed ' +
        '--show-virtual-phone-number false --switch-at-once --early-switching ' +
        '--media-file-id 2701 --operator-message media:2561 --operator-confirmation any ' +
        '--dtmf-string .1.2 --direction out --external-id 334otr01 --contact-message';
      const code = await console.run(...line.split(' '), 'tts:Привет: как дела');
      assert.equal(code, 1, 'nobody talked');
      assert.deepEqual(params, {
        access_token: 'the-key',
        first_call: 'contact',
        virtual_phone_number: '74993720692',
        virtual_phone_usage_rule: 'fixed',
        show_virtual_phone_number: false,
        switch_at_once: true,
        early_switching: true,
        media_file_id: 2701,
        contact: '79260000000',
        operator: '79262444491',
        contact_message: { type: 'tts', value: 'Привет: как дела' },
        operator_message: { type: 'media', value: '2561' },
        operator_confirmation: 'any',
        dtmf_string: '.1.2',
        direction: 'out',
        external_id: '334otr01',
      });
    },
  );
});

test('Ctrl-C releases the call and shows its end', async () => {
  const methods: unknown[] = [];
  let stream: ServerResponse | undefined;
  await withServer(
    (request) => {
      methods.push([
        request.method,
        (request.params as { call_session_id?: number }).call_session_id,
      ]);
      if (request.method === 'release.call') stream?.end(message(ended));
      return accepted(request);
    },
    (response) => {
      stream = response;
      response.write(message(started));
      interrupt();
    },
    async (console) => {
      interrupt = () => console.signal('SIGINT');
      assert.equal(await console.run('call', ...numbers), 1);
      assert.match(console.stdout, /call ended: normal, subscriber_disconnects\n$/);
      assert.equal(console.stderr, 'ending the call\n');
    },
  );
  assert.deepEqual(methods, [
    ['start.simple_call', undefined],
    ['release.call', 5],
  ]);
});
let interrupt: () => void = () => {};

test('a refusal is told with the fix', () =>
  withServer(
    () => ({
      error: {
        code: -32007,
        message: 'Virtual phone number 74993720692 not found. It is not your virtual phone number.',
        data: { mnemonic: 'virtual_phone_number_not_found', field: 'virtual_phone_number' },
      },
    }),
    () => {},
    async (console) => {
      assert.equal(await console.run('call', ...numbers), 1);
      assert.equal(
        console.stderr,
        'dozvon: refused: Virtual phone number 74993720692 not found. It is not your virtual phone number. (-32007 virtual_phone_number_not_found, virtual_phone_number); see dozvon number list\n',
      );
    },
  ));

test('a refused report is told in the words of the server', () =>
  withServer(
    accepted,
    (response) => response.end('{"error":"there is no call 5 of this account"}'),
    async (console) => {
      assert.equal(await console.run('call', ...numbers), 1);
      assert.equal(console.stderr, 'dozvon: refused: there is no call 5 of this account\n');
    },
    { status: 404, 'content-type': 'application/json' },
  ));

test('a report that breaks off is no end of the call', () =>
  withServer(
    accepted,
    (response) => response.end(message(started)),
    async (console) => {
      assert.equal(await console.run('call', ...numbers), 1);
      assert.equal(console.stderr, 'dozvon: the server ended the report before call 5 did\n');
    },
  ));

test('no server, no key, no URL', async () => {
  const console = new TestConsole();
  assert.equal(await console.run('call', ...numbers), 1);
  assert.equal(
    console.stderr,
    'dozvon: no access key: --key, or DOZVON_KEY; make one with dozvon key add\n',
  );
  // The discard port: nobody listens there.
  assert.equal(
    await console.run('call', ...numbers, '--key', 'k', '--url', 'http://127.0.0.1:9'),
    1,
  );
  assert.match(
    console.stderr,
    /^dozvon: no server answers at http:\/\/127\.0\.0\.1:9 \(.+\): start one with "npm start", or name it: --url, DOZVON_URL\n$/,
  );
  assert.equal(await console.run('call', ...numbers, '--key', 'k', '--url', 'localhost:80'), 1);
  assert.equal(
    console.stderr,
    'dozvon: "localhost:80" is no URL of a server, as http://127.0.0.1:8080\n',
  );
});
