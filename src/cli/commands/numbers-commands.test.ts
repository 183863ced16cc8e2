import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { play, type Step } from '../../../test/cli-steps.ts';
import { defaultSecurityRules } from '../../model/security-rules.ts';

const shown = (changes: Readonly<Record<string, string>> = {}): string =>
  Object.entries({
    RULE: 'VALUE',
    'home-country': 'RU',
    mobile: 'on',
    'long-distance': 'on',
    international: 'off',
    'allowed prefixes': '-',
    'denied prefixes': '-',
    'simultaneous-calls': 'none',
    'calls-per-minute-per-contact': 'none',
    'calls-per-minute-per-operator': 'none',
    'calls-per-minute-per-prefix': 'none',
    'prefix-length': '7',
    'minutes-per-day': 'none',
    ...changes,
  })
    .map(([name, value]) => `1> ${name.padEnd(29)}  ${value}\n`)
    .join('')
    .concat('0');

test('security rules are shown and changed', async () => {
  const store = await play([
    ['security show', shown()],
    [
      'security set --international on --simultaneous-calls 20 --minutes-per-day 600',
      shown({ international: 'on', 'simultaneous-calls': '20', 'minutes-per-day': '600' }),
    ],
    [
      'security set --home-country KZ --minutes-per-day none --prefix-length 4',
      shown({
        'home-country': 'KZ',
        international: 'on',
        'simultaneous-calls': '20',
        'prefix-length': '4',
      }),
    ],
    [
      'security set --home-country RU --international off --simultaneous-calls none --prefix-length 7',
      shown(),
    ],
    ['security allow 44', shown({ 'allowed prefixes': '44' })],
    ['security deny 44', shown({ 'denied prefixes': '44' })],
    ['security deny 7900', shown({ 'denied prefixes': '44, 7900' })],
    ['security allow 44', shown({ 'allowed prefixes': '44', 'denied prefixes': '7900' })],
    ['security forget 44', shown({ 'denied prefixes': '7900' })],
  ]);
  assert.deepEqual(await store.security.of(1), {
    ...defaultSecurityRules,
    deniedPrefixes: ['7900'],
  });
});

test('security rules that make no sense are refused, and nothing is changed', async () => {
  const see = '\n2> See: dozvon security set --help\n2';
  const wrong = (line: string, text: string): Step => [
    `security set ${line}`,
    `2> dozvon: ${text}${see}`,
  ];
  const store = await play([
    wrong('', 'say what to set, as --international on or --simultaneous-calls 20'),
    wrong('--international yes', '--international: on or off is wanted, not "yes"'),
    wrong('--home-country ru', '--home-country: "ru" is no country, as RU'),
    wrong(
      '--minutes-per-day -1'.replace(' ', '='),
      '--minutes-per-day: a whole number from 0 to 1000000 or none is wanted, not "-1"',
    ),
    wrong(
      '--prefix-length none',
      '--prefix-length: a whole number from 1 to 15 is wanted, not "none"',
    ),
    [
      'security allow +44',
      '2> dozvon: "+44" is no beginning of numbers: digits with the country code are wanted, as 7800 or 44\n1',
    ],
  ]);
  assert.deepEqual(await store.security.of(1), defaultSecurityRules);
});

test('whether a number may be called, and what would open it', async () => {
  await play([
    ['security check 79262444491', '1> 79262444491 may be called\n0'],
    [
      'security check 442079460000',
      '1> 442079460000 is refused: international numbers are switched off: dozvon security set --international on, or allow a prefix\n1',
    ],
    [
      'security check 78091234567',
      '1> 78091234567 is refused: 7809 is a premium or fraud range: dozvon security allow 7809 opens it\n1',
    ],
    ['security deny 79262', shown({ 'denied prefixes': '79262' })],
    [
      'security check 79262444491',
      '1> 79262444491 is refused: the account denies 79262: dozvon security forget 79262\n1',
    ],
    [
      'security set --long-distance off',
      shown({ 'denied prefixes': '79262', 'long-distance': 'off' }),
    ],
    [
      'security check 74951234567',
      '1> 74951234567 is refused: long_distance numbers are switched off: dozvon security set --long-distance on, or allow a prefix\n1',
    ],
    ['security check 74951234567 --from 74993720692', '1> 74951234567 may be called\n0'],
  ]);
});

test('components', async () => {
  const store = await play([
    ['component off Text-to-Speech', '1> Text-to-Speech: off for acme\n0'],
    ['component off Text-to-Speech', '1> Text-to-Speech: off for acme\n0'],
    [
      'component off "Автоматическое управление номерами"',
      '1> Автоматическое управление номерами: off for acme\n0',
    ],
    ['component on Text-to-Speech', '1> Text-to-Speech: on for acme\n0'],
    [
      'component list',
      `1> STATE  COMPONENT
       1> on     Call API Базовый набор
       1> on     Call API Управление вызовами
       1> on     Call API Информационный вызов
       1> on     Call API Вызов сценария
       1> on     Data API
       1> on     va
       1> on     Text-to-Speech
       1> off    Автоматическое управление номерами
       0`,
    ],
    [
      'component on Text-to-Speach',
      '2> dozvon: there is no component "Text-to-Speach"; did you mean "Text-to-Speech"?\n1',
    ],
    ['component on x', '2> dozvon: there is no component "x": dozvon component list\n1'],
  ]);
  const account = await store.accounts.byId(1);
  assert.deepEqual(account?.disabledComponents, ['Автоматическое управление номерами']);
});

test('a blacklist of prefixes', async () => {
  const store = await play([
    ['blacklist add 7809*', '1> 7809*: in the blacklist of acme\n0'],
    [
      'blacklist add 78*09',
      '2> dozvon: "78*09" is no number: E.164 digits without + are wanted, as 74993720692\n1',
    ],
    [
      'blacklist remove 78091234567',
      '2> dozvon: 78091234567 is not in the blacklist of acme, but 7809* is: remove that\n1',
    ],
    ['blacklist list', '1> 7809*\n0'],
  ]);
  assert.equal(await store.blacklist.has(1, '78091234567'), true);
});

test('the numbering plan is imported and asked; a damaged file changes nothing', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'dozvon-plan-'));
  const heading = 'АВС/ DEF;От;До;Емкость;Оператор;Регион;ИНН';
  const write = (name: string, ...lines: string[]): Promise<void> =>
    writeFile(join(folder, name), [heading, ...lines].join('\r\n'));
  const omsk = Array.from(
    { length: 1200 },
    (_, index) => `913;${index * 20};${index * 20 + 9};10;Т2;Омская обл.;1`,
  );
  await write('DEF.csv', '926;0;9999999;10000000;МегаФон;г. Москва;1', ...omsk);
  await write('ABC.csv', '381;2000000;2999999;1000000;РТ;Омская обл.;1', '381;2000005;2;1;x;y;1');
  await write('twice.csv', '900;0;5;6;x;Омская обл.;1', '900;3;9;7;x;Томская обл.;1');
  const file = (name: string): string => join(folder, name);
  try {
    const store = await play([
      [
        'numbering-plan show 79260000000',
        '2> dozvon: the region of 79260000000 is not known: no plan is imported, see dozvon numbering-plan import\n1',
      ],
      ['numbering-plan show 73812000000', '1> 73812000000: Омская область (by libphonenumber)\n0'],
      [
        'numbering-plan import',
        '2> dozvon: FILE is missing\n2> See: dozvon numbering-plan import --help\n2',
      ],
      [
        `numbering-plan import ${file('DEF.csv')}`,
        `1> numbering plan: 1201 ranges
         2> reading DEF.csv, 0.1 MB
         2> storing 1201 ranges of 2 codes
         2> 40 %
         2> 80 %
         2> 90 %
         2> 100 %
         0`,
      ],
      [
        'numbering-plan show 79260000000',
        '1> 79260000000: Москва и Московская область (by the imported plan)\n0',
      ],
      [
        'numbering-plan show 79130000005',
        '1> 79130000005: Омская область (by the imported plan)\n0',
      ],
      ['numbering-plan show 79130000015', '2> dozvon: the region of 79130000015 is not known\n1'],
      [
        `numbering-plan import ${file('DEF.csv')} ${file('ABC.csv')}`,
        `2> reading DEF.csv, 0.1 MB
         2> reading ABC.csv, 0.0 MB
         2> dozvon: ABC.csv:3: the range ends (2) before it begins; nothing was changed
         1`,
      ],
      [
        `numbering-plan import ${file('nowhere.csv')}`,
        `2> dozvon: ${file('nowhere.csv')} cannot be read: ENOENT: no such file or directory, open '${file('nowhere.csv')}'\n1`,
      ],
      [
        `numbering-plan import ${file('twice.csv')}`,
        `1> numbering plan: 1202 ranges
         2> reading twice.csv, 0.0 MB
         2> storing 1 ranges of 1 codes
         2> 100 %
         2> passed over, for another line has their numbers: 1 of the lines
         0`,
      ],
    ]);
    assert.equal(await store.numberingPlan.size(), 1202);
  } finally {
    await rm(folder, { recursive: true });
  }
});
