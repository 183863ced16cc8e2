// What a carrier sees of the caller: header and form are the trunk's (field-lessons 30).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallerIdRule, Trunk } from '../model/trunk.ts';
import { inviteTarget } from './caller-id.ts';

const trunk = (callerId: CallerIdRule, values: Partial<Trunk> = {}): Trunk => ({
  name: 't',
  address: { host: '192.0.2.1', port: 5060 },
  domain: 'carrier.example',
  transport: 'udp',
  credentials: { username: 'account7', password: 'secret' },
  codecs: ['PCMA'],
  callerId,
  prefixes: [''],
  ...values,
});

const numbers = { called: '79260000000', shown: '74993720692', virtualNumber: '74993720692' };
/** The operator is to see the contact. */
const foreign = { ...numbers, shown: '79051112233' };

const rows: readonly [
  rule: CallerIdRule,
  from: string,
  headers: readonly string[],
  of?: typeof numbers,
][] = [
  [{ header: 'From', form: 'digits' }, '74993720692', []],
  [{ header: 'From', form: 'plus' }, '+74993720692', []],
  [{ header: 'From', form: 'national' }, '84993720692', []],
  [
    { header: 'P-Asserted-Identity', form: 'plus' },
    'account7',
    ['P-Asserted-Identity: <sip:+74993720692@carrier.example>'],
  ],
  [
    { header: 'Remote-Party-ID', form: 'digits' },
    'account7',
    ['Remote-Party-ID: <sip:74993720692@carrier.example>;party=calling;screen=yes;privacy=off'],
  ],
  [{ header: 'From', form: 'plus' }, '+79051112233', [], foreign],
  [{ header: 'From', form: 'plus', showsForeign: false }, '+74993720692', [], foreign],
  [
    {
      header: 'P-Asserted-Identity',
      form: 'plus',
      from: '{virtual}',
      headers: [
        ['Diversion', '<sip:{virtual}@{domain}>;reason=unconditional'],
        ['Privacy', 'id'],
      ],
    },
    '+74993720692',
    [
      'P-Asserted-Identity: <sip:+79051112233@carrier.example>',
      'Diversion: <sip:+74993720692@carrier.example>;reason=unconditional',
      'Privacy: id',
    ],
    foreign,
  ],
  [
    {
      header: 'From',
      form: 'digits',
      from: '{username}',
      headers: [
        ['P-Preferred-Identity', '"{national}" <tel:{plus}>;to={called};n={number};d={digits}'],
      ],
    },
    'account7',
    [
      'P-Preferred-Identity: "84993720692" <tel:+74993720692>;to=79260000000;n=74993720692;d=74993720692',
    ],
  ],
];

for (const [rule, user, headers, of = numbers] of rows) {
  const { header, form, ...rest } = rule;
  test(`${header} as ${form} ${JSON.stringify(rest)}: ${of.shown} calls as ${user}`, () => {
    const target = inviteTarget(trunk(rule), of);
    assert.equal(target.from.uri, `sip:${user}@carrier.example`);
    assert.deepEqual(
      target.headers!.map(([name, value]) => `${name}: ${value}`),
      headers,
    );
    assert.equal(target.requestUri, 'sip:79260000000@carrier.example');
  });
}

test('a trunk known by its address only is named with its port', () => {
  const address = { host: '192.0.2.1', port: 5080 };
  const byAddress = trunk({ header: 'From', form: 'digits' }, { domain: '192.0.2.1', address });
  const { requestUri } = inviteTarget(byAddress, { ...numbers, called: '1' });
  assert.equal(requestUri, 'sip:1@192.0.2.1:5080');
});

test('without an account the number stands for the user name', () => {
  const { credentials: _, ...open } = trunk({ header: 'P-Asserted-Identity', form: 'plus' });
  assert.equal(inviteTarget(open, numbers).from.uri, 'sip:+74993720692@carrier.example');
});
