import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { seededRandom } from '../../base/random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Dns } from './dns.ts';
import { HopDirectory } from './hop-directory.ts';

function world(ttlSeconds = 120) {
  const clock = new VirtualClock();
  const told: string[] = [];
  let answer: 'fails' | readonly string[] = ['192.0.2.1'];
  let questions = 0;
  const dns: Dns = {
    naptr: async () => [],
    srv: async () => [],
    addresses: async () => {
      questions++;
      if (answer === 'fails') throw new Error('SERVFAIL');
      return answer.map((address) => ({ address, ttlSeconds }));
    },
  };
  const log = {
    ...silentLogger,
    warn: (_: object, text: string) => void told.push(text),
    info: (_: object, text: string) => void told.push(text),
  };
  const spoken = { transports: ['udp'], families: [4] } as const;
  const directory = new HopDirectory({ clock, random: seededRandom(1), log, dns, spoken });
  const hosts = (): string[] => directory.hops('t').map(({ host }) => host);
  return {
    clock,
    directory,
    told,
    hosts,
    questions: () => questions,
    answers: (next: typeof answer) => {
      answer = next;
    },
  };
}

test('a name is asked again when its time to live is over; calls go to what it is then', async () => {
  const { clock, directory, hosts, questions, answers } = world();
  await directory.add('t', { host: 'trunk.example' });
  assert.deepEqual(hosts(), ['192.0.2.1']);
  answers(['192.0.2.2']);
  await clock.advance(59_999);
  assert.deepEqual([hosts(), questions()], [['192.0.2.1'], 1]);
  await clock.advance(60_001);
  assert.deepEqual([hosts(), questions()], [['192.0.2.2'], 2]);
  directory.close();
  assert.equal(clock.pendingTimers, 0);
});

test('who may speak to us follows the DNS; servers of before may for another hour', async () => {
  const { clock, directory, answers } = world();
  await directory.add('t', { host: 'trunk.example' });
  assert.deepEqual([directory.knows('192.0.2.1'), directory.knows('192.0.2.2')], [true, false]);
  answers(['192.0.2.2']);
  await clock.advance(120_000);
  assert.deepEqual([directory.knows('192.0.2.1'), directory.knows('192.0.2.2')], [true, true]);
  await clock.advance(3_599_999);
  assert.equal(directory.knows('192.0.2.1'), true);
  await clock.advance(1);
  assert.deepEqual([directory.knows('192.0.2.1'), directory.knows('192.0.2.2')], [false, true]);
  directory.close();
});

test('while no name server answers the last addresses are used, and it is told once', async () => {
  for (const outage of ['fails', []] as const) {
    const { clock, directory, told, hosts, answers } = world();
    await directory.add('t', { host: 'trunk.example' });
    answers(outage);
    await clock.advance(600_000);
    assert.deepEqual(hosts(), ['192.0.2.1']);
    answers(['192.0.2.3']);
    await clock.advance(15_000);
    assert.deepEqual(hosts(), ['192.0.2.3']);
    assert.deepEqual(told, [
      'the name of a trunk does not resolve: its last addresses are used',
      'the name of a trunk resolves again',
    ]);
    directory.close();
  }
});

test('a name that never resolved has no hops, and is asked again every 15 s', async () => {
  const { clock, directory, told, hosts, answers } = world();
  answers('fails');
  await directory.add('t', { host: 'trunk.example' });
  assert.deepEqual([hosts(), directory.knows('192.0.2.1')], [[], false]);
  assert.deepEqual(told, ['the name of a trunk does not resolve: no call can go there']);
  answers(['192.0.2.1']);
  await clock.advance(15_000);
  assert.deepEqual(hosts(), ['192.0.2.1']);
  directory.close();
});

test('an address needs no name server and no timer', async () => {
  const { clock, directory, hosts, questions } = world();
  await directory.add('t', { host: '192.0.2.77', port: 5070 });
  assert.deepEqual([hosts(), questions(), clock.pendingTimers], [['192.0.2.77'], 0, 0]);
});

test('a DNS that names other servers each time fills no memory', async () => {
  const { clock, directory, answers } = world(10);
  await directory.add('t', { host: 'trunk.example' });
  for (let count = 0; count < 200; count++) {
    answers([`198.51.100.${count}`]);
    await clock.advance(10_000);
  }
  let known = 0;
  for (let count = 0; count < 200; count++) if (directory.knows(`198.51.100.${count}`)) known++;
  assert.equal(known, 65);
  directory.close();
});
