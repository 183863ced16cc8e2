import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Trunk } from '../model/trunk.ts';
import { type Route, Routing } from './routing.ts';

const trunk = (name: string, values: Partial<Trunk> = {}): Trunk => ({
  name,
  address: { host: '192.0.2.1', port: 5060 },
  domain: 'carrier.example',
  transport: 'udp',
  codecs: ['PCMA'],
  callerId: { header: 'From', form: 'digits' },
  prefixes: [''],
  ...values,
});

function routingOf(trunks: readonly Trunk[], down: ReadonlySet<string> = new Set()) {
  const clock = new VirtualClock();
  const states = { isDown: ({ name }: Trunk) => down.has(name), failed() {}, worked() {} };
  const routing = new Routing(trunks, { clock, random: seededRandom(7), states });
  const numbers = { shown: '74993720692', virtualNumber: '74993720692' };
  const choose = (called: string, ...tried: Trunk[]) =>
    routing.choose({ called, ...numbers }, new Set(tried));
  const nameOf = (called: string, ...tried: Trunk[]): string => {
    const route = choose(called, ...tried);
    if ('refused' in route) return route.refused;
    route.release();
    return route.trunk.name;
  };
  return { clock, routing, choose, nameOf };
}

test('the longest prefix wins', () => {
  const { nameOf } = routingOf([
    trunk('all'),
    trunk('mobile', { prefixes: ['79'] }),
    trunk('moscow', { prefixes: ['7495', '7499'] }),
  ]);
  assert.equal(nameOf('79260000000'), 'mobile');
  assert.equal(nameOf('74951234567'), 'moscow');
  assert.equal(nameOf('74991234567'), 'moscow');
  assert.equal(nameOf('442071234567'), 'all');
});

test('among equals the lowest priority is tried first, the next one after it', () => {
  const [a, b, c] = [
    trunk('c', { priority: 30 }),
    trunk('a', { priority: 10 }),
    trunk('b', { priority: 20 }),
  ].toSorted((one, two) => one.priority! - two.priority!) as [Trunk, Trunk, Trunk];
  const { nameOf } = routingOf([c, a, b]);
  assert.equal(nameOf('79260000000'), 'a');
  assert.equal(nameOf('79260000000', a), 'b');
  assert.equal(nameOf('79260000000', a, b), 'c');
  assert.equal(nameOf('79260000000', a, b, c), 'noRoute');
});

test('trunks of one priority get calls by their weights; weight 0 only when the others are gone', () => {
  const [light, heavy, none] = [
    trunk('light', { weight: 1 }),
    trunk('heavy', { weight: 3 }),
    trunk('none', { weight: 0 }),
  ] as const;
  const { nameOf } = routingOf([none, light, heavy]);
  const counts = { light: 0, heavy: 0, none: 0 };
  for (let call = 0; call < 4_000; call++) counts[nameOf('79260000000') as 'light']++;
  assert.equal(counts.none, 0);
  assert.ok(Math.abs(counts.heavy - 3_000) < 120, `${counts.heavy} of 4000`);
  assert.equal(nameOf('79260000000', light, heavy), 'none');
});

test('a trunk in trouble comes last, whatever its prefix and priority; alone it is tried all the same', () => {
  const mobile = trunk('mobile', { prefixes: ['79'], priority: 0 });
  const { nameOf } = routingOf([mobile, trunk('all', { priority: 9 })], new Set(['mobile']));
  assert.equal(nameOf('79260000000'), 'all');
  const alone = routingOf([mobile], new Set(['mobile']));
  assert.equal(alone.nameOf('79260000000'), 'mobile');
});

test('a trunk without a free channel is passed over; its channel is free again after release', () => {
  const { routing, choose, nameOf } = routingOf([
    trunk('small', { maxChannels: 1 }),
    trunk('big', { maxChannels: 1, priority: 1 }),
  ]);
  const first = choose('79260000000') as Route;
  const second = choose('79260000000') as Route;
  assert.deepEqual([first.trunk.name, second.trunk.name], ['small', 'big']);
  assert.deepEqual(choose('79260000000'), { refused: 'channelsBusy' });
  first.release();
  first.release(); // Again: nothing is given back twice.
  assert.equal(routing.channelsInUse, 1);
  assert.equal(nameOf('79260000000'), 'small');
});

test('calls a second: the next trunk takes what is above the limit of the first', async () => {
  const { clock, nameOf } = routingOf([
    trunk('slow', { maxCallsPerSecond: 2 }),
    trunk('spare', { priority: 1 }),
  ]);
  const four = (): string[] => Array.from({ length: 4 }, () => nameOf('79260000000'));
  assert.deepEqual(four(), ['slow', 'slow', 'spare', 'spare']);
  await clock.advance(500);
  assert.deepEqual(four(), ['slow', 'spare', 'spare', 'spare']);
});

test('a number that no trunk serves has no route', () => {
  const { nameOf } = routingOf([trunk('mobile', { prefixes: ['79'] })]);
  assert.equal(nameOf('74950000000'), 'noRoute');
});
