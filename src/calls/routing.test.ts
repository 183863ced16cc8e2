import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trunk } from '../model/trunk.ts';
import { inviteTarget, type Route, Routing } from './routing.ts';

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

test('the longest prefix wins, then the order of the configuration', () => {
  const routing = new Routing([
    trunk('all'),
    trunk('mobile', { prefixes: ['79'] }),
    trunk('moscow', { prefixes: ['7495', '7499'] }),
    trunk('moscow-too', { prefixes: ['7495'] }),
  ]);
  const chosen = (number: string): string => (routing.choose(number, '1') as Route).trunk.name;
  assert.equal(chosen('79260000000'), 'mobile');
  assert.equal(chosen('74951234567'), 'moscow');
  assert.equal(chosen('74991234567'), 'moscow');
  assert.equal(chosen('442071234567'), 'all');
});

test('a trunk without a free channel is passed over; its channel is free again after release', () => {
  const routing = new Routing([
    trunk('small', { maxChannels: 1 }),
    trunk('big', { maxChannels: 1 }),
  ]);
  const first = routing.choose('79260000000', '1') as Route;
  const second = routing.choose('79260000000', '1') as Route;
  assert.deepEqual([first.trunk.name, second.trunk.name], ['small', 'big']);
  assert.deepEqual(routing.choose('79260000000', '1'), { refused: 'channelsBusy' });
  first.release();
  first.release(); // Again: nothing is given back twice.
  assert.equal(routing.channelsInUse, 1);
  assert.equal((routing.choose('79260000000', '1') as Route).trunk.name, 'small');
});

test('a number that no trunk serves has no route', () => {
  const routing = new Routing([trunk('mobile', { prefixes: ['79'] })]);
  assert.deepEqual(routing.choose('74950000000', '1'), { refused: 'noRoute' });
});

// What a carrier sees of the caller: header and form are the trunk's (field-lessons 30).
const callerIds: [rule: Trunk['callerId'], from: string, headers: string[]][] = [
  [{ header: 'From', form: 'digits' }, 'sip:74993720692@carrier.example', []],
  [{ header: 'From', form: 'plus' }, 'sip:+74993720692@carrier.example', []],
  [{ header: 'From', form: 'national' }, 'sip:84993720692@carrier.example', []],
  [
    { header: 'P-Asserted-Identity', form: 'plus' },
    'sip:account7@carrier.example',
    ['P-Asserted-Identity: <sip:+74993720692@carrier.example>'],
  ],
  [
    { header: 'Remote-Party-ID', form: 'digits' },
    'sip:account7@carrier.example',
    ['Remote-Party-ID: <sip:74993720692@carrier.example>;party=calling;screen=yes;privacy=off'],
  ],
];
for (const [callerId, from, headers] of callerIds) {
  test(`caller ID in ${callerId.header} as ${callerId.form}`, () => {
    const credentials = { username: 'account7', password: 'secret' };
    const target = inviteTarget(
      trunk('t', { callerId, credentials }),
      '79260000000',
      '74993720692',
    );
    assert.equal(target.from.uri, from);
    assert.deepEqual(
      target.headers!.map(([name, value]) => `${name}: ${value}`),
      headers,
    );
    assert.equal(target.requestUri, 'sip:79260000000@carrier.example');
  });
}

test('a trunk known by its address only is named with its port', () => {
  const byAddress = trunk('t', { domain: '192.0.2.1', address: { host: '192.0.2.1', port: 5080 } });
  assert.equal(inviteTarget(byAddress, '1', '2').requestUri, 'sip:1@192.0.2.1:5080');
});
