import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeaderList } from './headers.ts';

const lines: [string, string][] = [
  ['v', 'SIP/2.0/UDP a'],
  ['VIA', 'SIP/2.0/UDP b, SIP/2.0/UDP c'],
  ['Contact', '"a, b" <sip:c,d@h>,, <sip:e@h>;x="\\",", '],
  ['X-Own', '1'],
];

test('names are compared without case and compact form, and kept as they were', () => {
  const headers = new HeaderList(lines);
  assert.equal(headers.get('Via'), 'SIP/2.0/UDP a');
  assert.deepEqual(headers.all('via'), ['SIP/2.0/UDP a', 'SIP/2.0/UDP b, SIP/2.0/UDP c']);
  assert.equal(headers.get('x-OWN'), '1');
  assert.equal(headers.get('m'), headers.get('CONTACT'));
  assert.ok(headers.has('V') && !headers.has('To'));
  assert.equal(headers.get('To'), undefined);
  assert.deepEqual([...headers.entries()], lines);
});

test('values are cut at commas, but not in quotes and <>', () => {
  const headers = new HeaderList(lines);
  assert.deepEqual(headers.values('Via'), ['SIP/2.0/UDP a', 'SIP/2.0/UDP b', 'SIP/2.0/UDP c']);
  assert.deepEqual(headers.values('Contact'), ['"a, b" <sip:c,d@h>', '<sip:e@h>;x="\\","']);
  assert.deepEqual(headers.values('To'), []);
});

test('every compact form', () => {
  const pairs =
    'a Accept-Contact b Referred-By c Content-Type d Request-Disposition e Content-Encoding '
      .concat(
        'f From i Call-ID j Reject-Contact k Supported l Content-Length m Contact n Identity-Info ',
      )
      .concat('o Event r Refer-To s Subject t To u Allow-Events v Via x Session-Expires y Identity')
      .split(' ');
  for (let index = 0; index < pairs.length; index += 2) {
    const headers = new HeaderList([[pairs[index]!, 'x']]);
    assert.equal(headers.get(pairs[index + 1]!), 'x', pairs[index]);
  }
});

const changes: [name: string, change: (headers: HeaderList) => void, is: [string, string][]][] = [
  [
    'set replaces all, at the place of the first',
    (h) => h.set('A', '3'),
    [
      ['A', '3'],
      ['B', '2'],
    ],
  ],
  [
    'set appends what is new',
    (h) => h.set('C', '3'),
    [
      ['a', '1'],
      ['B', '2'],
      ['a', '2'],
      ['C', '3'],
    ],
  ],
  [
    'add appends',
    (h) => h.add('B', '3'),
    [
      ['a', '1'],
      ['B', '2'],
      ['a', '2'],
      ['B', '3'],
    ],
  ],
  [
    'prepend goes first',
    (h) => h.prepend('B', '3'),
    [
      ['B', '3'],
      ['a', '1'],
      ['B', '2'],
      ['a', '2'],
    ],
  ],
  ['delete removes all', (h) => h.delete('A'), [['B', '2']]],
  [
    'replaceFirst leaves the others',
    (h) => h.replaceFirst('A', '3'),
    [
      ['a', '3'],
      ['B', '2'],
      ['a', '2'],
    ],
  ],
];
for (const [name, change, is] of changes) {
  test(name, () => {
    const headers = new HeaderList(
      [
        ['a', '1'],
        ['B', '2'],
        ['a', '2'],
      ].map(([n, v]) => [n!, v!]),
    );
    const before = headers.clone();
    const version = headers.version;
    change(headers);
    assert.deepEqual(
      [...headers],
      is.map(([n, v]) => [n, v]),
    );
    assert.notEqual(headers.version, version);
    assert.equal([...before].length, 3, 'a clone is on its own');
  });
}
