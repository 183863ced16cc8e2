import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Config } from '../../config/config.ts';
import { openSqliteStore } from '../../store/sqlite/sqlite-store.ts';
import { anySound, TestConsole } from '../test-console.ts';

/** A server that ends when the test says so, over a store that outlives it. */
async function prepareServer() {
  const clock = new VirtualClock();
  const store = await openSqliteStore({ path: ':memory:', log: silentLogger, clock });
  const stops: (number | undefined)[] = [];
  const configs: Config[] = [];
  let started = Promise.withResolvers<void>();
  let stopped = Promise.withResolvers<void>();
  const console = new TestConsole({
    async startServer(config, { prepare }) {
      configs.push(config);
      await prepare(store, anySound);
      setImmediate(() => started.resolve());
      return {
        httpAddress: { host: '127.0.0.1', port: 8081 },
        sipAddress: { host: '127.0.0.1', port: 5061 },
        stop(limitMs) {
          stops.push(limitMs);
          return stopped.promise;
        },
      };
    },
  });
  return {
    console,
    store,
    stops,
    configs,
    end: () => stopped.resolve(),
    async serve() {
      started = Promise.withResolvers();
      stopped = Promise.withResolvers();
      const code = console.run('serve');
      await started.promise;
      return { code };
    },
  };
}

test('the first start tells the key and how to call, the second one not the key', async () => {
  const server = await prepareServer();
  const first = await server.serve();
  const key = /^Key \(kept as a hash, shown only now\): ([0-9a-f]{64})$/m.exec(
    server.console.stdout,
  )?.[1];
  assert.ok(key !== undefined, server.console.stdout);
  assert.equal((await server.store.keys.byTokenHash(`sha-256 of ${key}`))?.blocked, false);
  assert.match(
    server.console.stdout,
    /^Call API: http:\/\/127\.0\.0\.1:8081\/v4\.0, Data API: http:\/\/127\.0\.0\.1:8081\/v2\.0$/m,
  );
  assert.match(server.console.stdout, /^SIP: udp 127\.0\.0\.1:5061, configuration: none$/m);
  const body = / -d '(.*)'$/m.exec(server.console.stdout)?.[1];
  const message = (await server.store.media.list(1)).find(({ name }) => name === 'contact_message');
  assert.deepEqual(JSON.parse(body ?? ''), {
    jsonrpc: '2.0',
    id: 1,
    method: 'start.simple_call',
    params: {
      access_token: key,
      first_call: 'operator',
      virtual_phone_number: '74993720692',
      operator: '79262444491',
      contact: '79260000000',
      contact_message: { type: 'media', value: String(message?.id) },
    },
  });
  server.console.signal('SIGTERM');
  server.end();
  assert.equal(await first.code, 0);

  const second = await server.serve();
  assert.ok(!server.console.stdout.includes(key));
  assert.match(server.console.stdout, /another one: bin\/dozvon\.mjs key add$/m);
  server.console.signal('SIGTERM');
  server.end();
  assert.equal(await second.code, 0);
});

test('the first signal lets calls end, the second hangs them up, the third leaves', async () => {
  const server = await prepareServer();
  const { code } = await server.serve();
  server.console.signal('SIGTERM');
  assert.deepEqual(server.stops, [undefined]);
  assert.equal(
    server.console.stderr,
    'SIGTERM: no new calls; running ones may end, a second signal ends them\n',
  );
  server.console.signal('SIGINT');
  assert.deepEqual(server.stops, [undefined, 0]);
  server.console.signal('SIGINT');
  assert.equal(await code, 1);
  assert.match(server.console.stderr, /stopped by SIGINT before the calls were hung up\n$/);
  assert.equal(server.console.signal('SIGINT'), false, 'nobody listens any more');
});

test('bootstrap is applied before the first request and told in the log', async () => {
  const server = await prepareServer();
  server.console.env = {
    DOZVON_BOOTSTRAP_ACCOUNTS: '[{"name":"acme","blacklist":["79260000000"]}]',
    DOZVON_LOG_PRETTY: 'true',
  };
  const { code } = await server.serve();
  const account = await server.store.accounts.byName('acme');
  assert.deepEqual(await server.store.blacklist.list(account?.id ?? 0), ['79260000000']);
  assert.match(server.console.stderr, / info {2}bootstrap: account acme: added$/m);
  server.console.signal('SIGTERM');
  server.end();
  assert.equal(await code, 0);
});
