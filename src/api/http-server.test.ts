import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import {
  type Answer,
  type Installation,
  installation,
  tokens,
} from '../../test/contracts/api-installation.ts';

const listCalls = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'list.calls',
  params: { access_token: tokens.valid },
});

describe('the HTTP side', () => {
  let it: Installation;
  beforeEach(async () => {
    it = await installation();
  });
  afterEach(() => it.close());

  const send = (path: string, init: RequestInit = {}): Promise<Response> =>
    it.api.fetch(new Request(`http://test${path}`, init));
  const mnemonicOf = async (response: Response): Promise<string | undefined> => {
    assert.equal(response.status, 200);
    return ((await response.json()) as Answer).error?.data.mnemonic;
  };

  test('which paths and verbs there are', async () => {
    const rows: readonly [verb: string, path: string, status: number][] = [
      ['POST', '/v4.0', 200],
      ['POST', '/v4.0/', 200],
      ['POST', '/v4.0?a=b', 200],
      ['GET', '/health', 200],
      ['GET', '/v4.0', 405],
      ['PUT', '/v4.0/', 405],
      ['DELETE', '/v4.0', 405],
      ['OPTIONS', '/v4.0', 405],
      ['HEAD', '/v4.0', 405],
      ['POST', '/v3.0', 404],
      ['POST', '/v4.0/start.simple_call', 404],
      ['PUT', '/v2.0/media', 405],
      ['GET', '/v2.0/media', 405],
      ['POST', '/media/1', 404],
      ['GET', '/media/1', 403],
      ['POST', '/', 404],
      ['GET', '/', 404],
    ];
    for (const [method, path, status] of rows) {
      const body = method === 'POST' || method === 'PUT' ? listCalls : null;
      const response = await send(path, { method, body });
      assert.equal(response.status, status, `${method} ${path}`);
      if (status === 405) assert.equal(response.headers.get('allow'), 'POST');
    }
    assert.deepEqual(await (await send('/health')).json(), { status: 'ok' });
  });

  test('Content-Type may be anything but another charset', async () => {
    const rows: readonly [contentType: string, mnemonic: string | undefined][] = [
      ['application/json', undefined],
      ['application/json; charset=UTF-8', undefined],
      ['application/json;charset="utf-8"', undefined],
      ['application/json; charset=utf8', undefined],
      ['text/plain', undefined],
      ['application/x-www-form-urlencoded', undefined],
      ['application/json; charset=windows-1251', 'character_encoding_not_allowed'],
      ['application/json; Charset=KOI8-R', 'character_encoding_not_allowed'],
    ];
    for (const [contentType, mnemonic] of rows) {
      const headers = { 'content-type': contentType };
      const response = await send('/v4.0', { method: 'POST', body: listCalls, headers });
      assert.equal(await mnemonicOf(response), mnemonic, contentType);
    }
  });

  test('bytes that are not UTF-8 are named as such, after what is checked before them', async () => {
    // "Привет" in windows-1251, as a PHP script saved in that encoding sends it.
    const cyrillic = Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]);
    const withBytes = (params: object) => {
      const text = JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'start.simple_call', params });
      const [head, tail] = text.split('BYTES');
      return Buffer.concat([Buffer.from(head!), cyrillic, Buffer.from(tail!)]);
    };
    const valid = {
      access_token: tokens.valid,
      first_call: 'operator',
      contact: '79260000000',
      virtual_phone_number: '74993720692',
      operator: '79262444491',
      external_id: 'BYTES',
    };
    const answer = await it.post(withBytes(valid));
    assert.deepEqual(
      [answer.id, answer.error?.message, answer.error?.code],
      [9, 'The character encoding must be UTF-8', -32602],
    );
    const missed = await it.post(withBytes({ ...valid, contact: undefined }));
    assert.equal(missed.error?.data.mnemonic, 'required_parameter_missed');
    const unread = await it.post(Buffer.concat([cyrillic, Buffer.from('{}')]));
    assert.equal(unread.error?.data.mnemonic, 'parse_error');
    const marked = await it.post(Buffer.concat([Buffer.from('\ufeff'), Buffer.from(listCalls)]));
    assert.ok(marked.result, 'a byte order mark is UTF-8');
    assert.deepEqual(it.calls.orders, []);
  });

  test('a body of 1 MiB is read, one byte more is not', async () => {
    const padded = (length: number): string => listCalls.padEnd(length);
    for (const [length, status] of [
      [2 ** 20, 200],
      [2 ** 20 + 1, 413],
    ] as const) {
      const body = padded(length);
      const headers = { 'content-length': String(length) };
      assert.equal((await send('/v4.0', { method: 'POST', body, headers })).status, status);
      // Chunked: nothing is declared.
      assert.equal((await send('/v4.0', { method: 'POST', body })).status, status);
    }
  });

  test('over a socket: keep-alive, and closing lets the running request finish', async () => {
    const { host, port } = await it.api.listen();
    assert.notEqual(port, 0);
    const url = `http://${host}:${port}/v4.0`;
    const answer = (await (await fetch(url, { method: 'POST', body: listCalls })).json()) as Answer;
    assert.deepEqual(answer.result?.data, []);

    const entered = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    it.calls.start = async () => {
      entered.resolve();
      await finish.promise;
      return 7;
    };
    const running = fetch(url, {
      method: 'POST',
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'start.simple_call',
        params: {
          access_token: tokens.valid,
          first_call: 'operator',
          contact: '79260000000',
          virtual_phone_number: '74993720692',
          operator: '79262444491',
        },
      }),
    });
    await entered.promise;
    const closed = it.api.close();
    finish.resolve();
    assert.deepEqual(((await (await running).json()) as Answer).result?.data, {
      call_session_id: 7,
    });
    await closed;
    await assert.rejects(fetch(url, { method: 'POST', body: listCalls }));
  });

  test('an upload that is too large is refused before it has all come', async () => {
    const { port } = await it.api.listen();
    const upload = httpRequest({ port, method: 'POST', path: '/v4.0' });
    upload.on('error', () => {}); // The server may hang up on the rest.
    upload.setHeader('content-length', 2 ** 30);
    upload.write('{');
    const [response] = await once(upload, 'response');
    assert.equal(response.statusCode, 413);
    upload.destroy();
  });

  test('what is no HTTP is answered as HTTP says, and the server goes on', async () => {
    const { host, port } = await it.api.listen();
    const socket = connect(port, host);
    socket.write('INVITE sip:a@b SIP/2.0\r\n\r\n');
    const [reply] = await once(socket, 'data');
    assert.match(String(reply), /^HTTP\/1\.1 400 /);
    socket.destroy();
    const after = await fetch(`http://${host}:${port}/health`);
    assert.equal(after.status, 200);
  });

  test('who takes longer than half a minute to send JSON is not waited for', async () => {
    const { host, port } = await it.api.listen();
    const socket = connect(port, host);
    const headers = 'Host: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n';
    socket.write(`POST /v4.0 HTTP/1.1\r\n${headers}\r\n`);
    await once(socket, 'data');
    socket.write('{');
    const closed = once(socket, 'close');
    await it.clock.advance(29_999);
    assert.equal(socket.closed, false);
    await it.clock.advance(1);
    await closed;
  });

  test('with a certificate it speaks TLS', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'dozvon-tls-'));
    t.after(() => rm(folder, { recursive: true }));
    const tls = { certificate: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    const made = spawnSync('openssl', [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-subj',
      '/CN=localhost',
      '-days',
      '1',
      '-keyout',
      tls.key,
      '-out',
      tls.certificate,
    ]);
    if (made.status !== 0) return t.skip('openssl is not installed: apt-get install openssl');
    const secure = await installation({ tls });
    t.after(() => secure.close());
    const { port } = await secure.api.listen();
    const ca = await readFile(tls.certificate);
    const request = httpsRequest({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca,
      path: '/health',
    });
    request.end();
    const [response] = await once(request, 'response');
    assert.equal(response.statusCode, 200);
    response.resume();
    await once(response, 'end');
  });

  test('a port that is taken is named with the fix', async () => {
    const { host, port } = await it.api.listen();
    const second = await installation({ address: { host, port } });
    await assert.rejects(second.api.listen(), new RegExp(`${host}:${port} is taken: choose`));
    await second.close();
  });
});
