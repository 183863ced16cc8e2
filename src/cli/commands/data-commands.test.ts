import assert from 'node:assert/strict';
import { test } from 'node:test';
import { installation, play } from '../../../test/cli-steps.ts';

test('users and keys', async () => {
  const store = await play([
    ['key add', '2> dozvon: a key belongs to a user; add one: dozvon user add LOGIN\n1'],
    [
      'user add crm < short',
      '2> dozvon: a password has 8 to 256 characters; nothing was changed\n1',
    ],
    ['user add crm < correct horse', '1> user crm: added to acme\n0'],
    [
      'user add crm < correct horse',
      '2> dozvon: there is a user "crm" already: dozvon user password crm changes the password\n1',
    ],
    ['user add watcher --no-call-api < correct horse', '1> user watcher: added to acme\n0'],
    [
      'user add owner --no-data-api --administration < correct horse',
      '1> user owner: added to acme\n0',
    ],
    [
      'user list',
      `1> LOGIN    CALL API  DATA API  ADMINISTRATION
       1> crm      yes       yes       no
       1> watcher  no        yes       no
       1> owner    yes       no        yes
       0`,
    ],
    ['user grant owner data-api', '1> user owner: data-api granted\n0'],
    ['user revoke owner call-api', '1> user owner: call-api revoked\n0'],
    ['user revoke owner administration', '1> user owner: administration revoked\n0'],
    [
      'user grant owner everything',
      '2> dozvon: "everything" is no right; there are: call-api, data-api, administration\n1',
    ],
    [
      'user list',
      `1> LOGIN    CALL API  DATA API  ADMINISTRATION
       1> crm      yes       yes       no
       1> watcher  no        yes       no
       1> owner    no        yes       no
       0`,
    ],
    ['user remove owner', '1> user owner: removed\n0'],
    ['user password crm < battery staple', '1> user crm: password changed\n0'],
    [
      'user password cmr < battery staple',
      '2> dozvon: the account acme has no user "cmr"; it has: crm, watcher\n1',
    ],
    ['key add', '2> dozvon: a key belongs to a user; --user, one of: crm, watcher\n1'],
    [
      'key add --user crm --label "the site" --expires 2027-01-31',
      `1> 5e2d177214e498f0d20ea1fdb382f3392660b8608812dd70891c68b0cdd881a9
       2> key 1 of crm: keep it, it is not shown again
       0`,
    ],
    [
      'key add --user crm --expires soon',
      '2> dozvon: --expires: "soon" is no date, as 2027-01-31 or 2027-01-31T12:00Z\n1',
    ],
    [
      'key add --user crm --expires 2025-12-31',
      '2> dozvon: --expires: 2025-12-31 is over already\n1',
    ],
    ['key block 1', '1> key 1: blocked\n0'],
    [
      'key list',
      `1> ID  USER  EXPIRES                   BLOCKED  LABEL
       1> 1   crm   2027-01-31T00:00:00.000Z  yes      the site
       0`,
    ],
    ['key unblock 1', '1> key 1: unblocked\n0'],
    ['key remove 9', '2> dozvon: the account acme has no key 9: dozvon key list\n1'],
    ['key remove one', '2> dozvon: "one" is no id of a key: see its list\n1'],
    ['user remove crm', '1> user crm: removed\n0'],
    ['key list', '1> ID  USER  EXPIRES  BLOCKED  LABEL\n0'],
  ]);
  assert.equal(await store.users.byLogin('crm'), undefined);
});

test('numbers', async () => {
  const store = await play([
    [
      'number add +74993720692',
      '2> dozvon: "+74993720692" is no number: E.164 digits without + are wanted, as 74993720692\n1',
    ],
    ['number add 74993720692 --label office', '1> number 74993720692: added to acme\n0'],
    ['number add 74993720692', '2> dozvon: this account has the number 74993720692 already\n1'],
    ['number deactivate 74993720692', '1> number 74993720692: inactive\n0'],
    ['number list', '1> NUMBER       ACTIVE  LABEL\n1> 74993720692  no      office\n0'],
    ['number activate 74993720692', '1> number 74993720692: active\n0'],
    [
      'number remove 74993720693',
      '2> dozvon: the account acme has no number 74993720693: dozvon number list\n1',
    ],
    ['number add 74993720693', '1> number 74993720693: added to acme\n0'],
    ['number remove 74993720693', '1> number 74993720693: removed\n0'],
  ]);
  assert.deepEqual(await store.numbers.list(1), [
    { accountId: 1, number: '74993720692', active: true, label: 'office' },
  ]);
});

test('media files', async () => {
  const store = await play([
    [
      'media add greeting.wav --id 2561',
      '1> media file 2561: "greeting.wav", 2.5 s, 40044 bytes\n0',
    ],
    [
      'media add /a/b.mp3 --name greeting.wav',
      '2> dozvon: file 2561 has the name "greeting.wav" already: give another --name, or --id 2561 to replace it\n1',
    ],
    [
      'media add /a/b.mp3 --name greeting.wav --id 2561 --normalize',
      '1> media file 2561: "greeting.wav", 2.5 s, 40044 bytes, normalized\n0',
    ],
    ['media add /a/b.mp3', '1> media file 2562: "b.mp3", 2.5 s, 40044 bytes\n0'],
    ['media add /a/damaged.flac', '2> dozvon: /a/damaged.flac: it is damaged\n1'],
    [
      'media add /a/c.mp3 --name " "',
      '2> dozvon: a name has 1 to 200 characters and no line break: give it by --name\n1',
    ],
    [
      'media list',
      `1> ID    WHOSE  LENGTH  BYTES  NORMALIZED  NAME          FILE
       1> 2561  own    2.5 s   40044  yes         greeting.wav  /library/b.mp3
       1> 2562  own    2.5 s   40044  no          b.mp3         /library/b.mp3
       0`,
    ],
    ['media remove 1', '2> dozvon: the account acme has no media file 1\n1'],
    ['media remove 2561', '1> media file 2561: removed\n0'],
    ['media remove 2562', '1> media file 2562: removed\n0'],
  ]);
  assert.deepEqual(await store.media.list(1), []);
});

test('files of the system and of other accounts are not to be had', async () => {
  const [console, store] = await installation(['acme', 'sales']);
  const file = { path: '/a.wav', contentHash: 'a', durationMs: 1000 };
  await store.media.put({ ...file, id: 1, accountId: null, name: 'dialing_music' });
  await store.media.put({ ...file, id: 2561, accountId: 2, name: 'theirs' });
  for (const [command, complaint] of [
    ['media remove 1', '1 is a file of the system: it stays'],
    ['media remove 2561', 'the account acme has no media file 2561'],
    [
      'media add b.wav --id 1',
      'the id 1 is of a file of the system: choose another one, from 1000',
    ],
    [
      'media add b.wav --id 2561',
      'the id 2561 is of a file of another account: choose another one, from 1000',
    ],
    [
      'media add b.wav --name dialing_music',
      '"dialing_music" is the name of a file of the system: give another --name',
    ],
  ] as const) {
    assert.equal(await console.run(...command.split(' '), '--account', 'acme'), 1);
    assert.equal(console.stderr, `dozvon: ${complaint}\n`);
  }
  assert.equal(await console.run('media', 'add', 'theirs', '--account', 'acme'), 0, 'its own name');
});

test('the blacklist', async () => {
  await play([
    ['blacklist add 79260000000', '1> 79260000000: in the blacklist of acme\n0'],
    ['blacklist list', '1> 79260000000\n0'],
    ['blacklist remove 79260000000', '1> 79260000000: out of the blacklist of acme\n0'],
    ['blacklist remove 79260000000', '2> dozvon: 79260000000 is not in the blacklist of acme\n1'],
  ]);
});

test('the list of addresses', async () => {
  const store = await play([
    [
      'allow-list list',
      '2> the list is empty: loopback and private ranges (127.0.0.0/8, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, ::1, fc00::/7, fe80::/10)\n0',
    ],
    [
      'allow-list add crm.example',
      '2> dozvon: "crm.example" is no IP address or network, as 203.0.113.7, 203.0.113.0/24 or 2001:db8::/32\n1',
    ],
    [
      'allow-list add 203.0.113.7/32',
      `1> 203.0.113.7: may use the account acme
       2> this machine may not any more: dozvon allow-list add 127.0.0.1
       0`,
    ],
    ['allow-list add 2001:DB8:0::/32', '1> 2001:db8::/32: may use the account acme\n0'],
    ['allow-list list', '1> 2001:db8::/32\n1> 203.0.113.7\n0'],
    ['allow-list remove 203.0.113.7/32', '1> 203.0.113.7: off the list of acme\n0'],
    ['allow-list remove 203.0.113.7', '2> dozvon: 203.0.113.7 is not in the list of acme\n1'],
  ]);
  assert.deepEqual(await store.allowList.list(1), ['2001:db8::/32']);
});

test('which account', async () => {
  await play(
    [
      [
        'user list',
        '2> dozvon: there is no account yet: start the server once, or describe one under bootstrap.accounts in dozvon.yaml and then start it\n1',
      ],
    ],
    [],
  );
  const store = await play(
    [
      ['user list', '2> dozvon: say which account: --account acme | sales\n1'],
      [
        'user list --account sale',
        '2> dozvon: there is no account "sale"; did you mean "sales"?\n1',
      ],
      ['user list --account x', '2> dozvon: there is no account "x"; there are: acme, sales\n1'],
      ['number add 74993720692 --account sales', '1> number 74993720692: added to sales\n0'],
      [
        'number add 74993720692 --account acme',
        '2> dozvon: another account has the number 74993720692 already\n1',
      ],
    ],
    ['acme', 'sales'],
  );
  assert.equal((await store.numbers.find('74993720692'))?.accountId, 2);
});

test('sessions are no keys to be managed, and a new password ends them', async () => {
  const [console, store] = await installation(['acme']);
  console.secret = 'correct horse';
  await console.run('user', 'add', 'crm');
  const user = await store.users.byLogin('crm');
  const { id } = await store.keys.add({
    accountId: 1,
    userId: user!.id,
    kind: 'session',
    tokenHash: 'session',
    label: '',
    expiresAt: 2_000_000_000,
    blocked: false,
  });
  await console.run('key', 'list');
  assert.equal(console.stdout, 'ID  USER  EXPIRES  BLOCKED  LABEL\n');
  assert.equal(await console.run('key', 'remove', String(id)), 1);
  assert.equal(console.stderr, `dozvon: the account acme has no key ${id}: dozvon key list\n`);
  assert.equal(await console.run('user', 'password', 'crm'), 0);
  assert.deepEqual(await store.keys.list(1), []);
});

test('the number of another account cannot be changed', async () => {
  const [console, store] = await installation(['acme', 'sales']);
  await console.run('number', 'add', '74993720692', '--account', 'sales');
  for (const verb of ['remove', 'deactivate']) {
    assert.equal(await console.run('number', verb, '74993720692', '--account', 'acme'), 1);
  }
  assert.equal((await store.numbers.find('74993720692'))?.active, true);
});
