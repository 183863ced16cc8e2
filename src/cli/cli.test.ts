import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from './cli.ts';
import { parseArguments } from './parse.ts';
import { TestConsole } from './test-console.ts';

const mistakes: { args: string; told: string }[] = [
  { args: 'cal', told: 'unknown command "cal"; did you mean "call"?\nSee: dozvon --help' },
  {
    args: 'frobnicate',
    told: 'unknown command "frobnicate"; known: serve, call, demo, config, key, user, allow-list, number, media, tts, blacklist, security, component, numbering-plan, trunk\nSee: dozvon --help',
  },
  { args: 'key ad', told: 'unknown command "key ad"; did you mean "add"?\nSee: dozvon --help' },
  {
    args: 'key',
    told: 'say what to do: dozvon key add | list | block | unblock | remove\nSee: dozvon --help',
  },
  {
    args: 'serve --confg x.yaml',
    told: 'unknown option --confg; did you mean --config?\nSee: dozvon serve --help',
  },
  { args: 'serve -x', told: 'unknown option -x\nSee: dozvon serve --help' },
  {
    args: 'serve --config',
    told: '--config needs a value: --config FILE\nSee: dozvon serve --help',
  },
  { args: 'demo --json=1', told: '--json takes no value\nSee: dozvon demo --help' },
  { args: 'demo --json --json', told: '--json is given twice\nSee: dozvon demo --help' },
  { args: 'number add', told: 'NUMBER is missing\nSee: dozvon number add --help' },
  {
    args: 'number add 74993720692 office',
    told: 'one word too many: "office"\nSee: dozvon number add --help',
  },
  {
    args: 'call --contact 79260000000 --virtual-phone-number 74993720692',
    told: '--from-operator is missing\nSee: dozvon call --help',
  },
  {
    args: 'call --from-operator 79262444491 --first-call contact',
    told: '--from-operator stands for --operator with --first-call operator\nSee: dozvon call --help',
  },
  {
    args: 'call --contact-message 2561',
    told: '--contact-message is media:ID or tts:TEXT, not "2561"\nSee: dozvon call --help',
  },
];

for (const { args, told } of mistakes) {
  test(`dozvon ${args}: exit code 2`, async () => {
    const console = new TestConsole();
    assert.equal(await console.run(...args.split(' ')), 2);
    assert.equal(console.stderr, `dozvon: ${told}\n`);
    assert.equal(console.stdout, '');
  });
}

for (const command of commands) {
  const line = ['dozvon', ...command.path].join(' ');
  test(`${line} --help: explains itself with command lines that parse`, async () => {
    const console = new TestConsole();
    assert.equal(await console.run(...command.path, '--help'), 0);
    assert.ok(console.stdout.startsWith(line), console.stdout);
    assert.ok(console.stdout.split('\n').every((text) => text.length <= 160));
    for (const example of command.examples) {
      assert.ok(console.stdout.includes(example));
      const words = example.replace(/^(?:[A-Z_]+=\S+ )*/, '').replace(/ <.*$/, '');
      assert.ok(words.startsWith(line), example);
      const args = words.slice(line.length).match(/"[^"]*"|\S+/g) ?? [];
      parseArguments(command, args);
    }
  });
}

test('help of the program and of a group', async () => {
  const console = new TestConsole();
  for (const args of [['--help'], ['-h'], ['help']]) {
    assert.equal(await console.run(...args), 0);
    for (const { path } of commands) assert.match(console.stdout, new RegExp(path.join(' ')));
  }
  assert.equal(await console.run('key', '--help'), 0);
  assert.match(console.stdout, /^dozvon key: one of\n {2}dozvon key add /);
  assert.equal(await console.run(), 2);
  assert.match(console.stderr, /^dozvon connects two phones/);
  assert.equal(await console.run('--version'), 0);
  assert.equal(console.stdout, 'dozvon 1.2.3\n');
});

test('config check and print; a wrong configuration is exit code 2', async () => {
  const console = new TestConsole();
  assert.equal(await console.run('config', 'check'), 0);
  assert.equal(console.stdout, 'no file: correct; the sandbox is the trunk\n');
  console.env = { DOZVON_HTTP_PORT: '81' };
  assert.equal(await console.run('config', 'print'), 0);
  assert.match(console.stdout, /^ {2}port: 81 {2}# DOZVON_HTTP_PORT$/m);
  console.env = { DOZVON_HTTP_PORT: 'http' };
  assert.equal(await console.run('config', 'check'), 2);
  assert.equal(
    console.stderr,
    'environment DOZVON_HTTP_PORT: http.port: must be a whole number from 0 to 65535 (0: any free one), not "http"\n' +
      'dozvon: nothing was started: correct the configuration\n',
  );
});

test('failures of the machine are told with the fix, defects with their place', async () => {
  const failing = (error: Error) =>
    new TestConsole({
      startServer: async () => {
        throw error;
      },
    });
  const inUse = failing(
    Object.assign(new Error('listen EADDRINUSE: 127.0.0.1:8080'), { code: 'EADDRINUSE' }),
  );
  assert.equal(await inUse.run('serve'), 1);
  assert.equal(
    inUse.stderr,
    'dozvon: listen EADDRINUSE: 127.0.0.1:8080: the port is in use: stop the other program, or set another port\n',
  );
  const trunk = failing(new Error('trunk carrier: the host name has no address'));
  assert.equal(await trunk.run('serve'), 1);
  assert.equal(trunk.stderr, 'dozvon: trunk carrier: the host name has no address\n');
  const defect = failing(new TypeError('x is not a function'));
  assert.equal(await defect.run('serve'), 1);
  assert.match(defect.stderr, /^dozvon: TypeError: x is not a function\n {4}at /);
});

test('demo passes its options on and its exit code back', async () => {
  const asked: unknown[] = [];
  const console = new TestConsole({
    runDemo: async (options) => {
      asked.push(options);
      return 7;
    },
  });
  assert.equal(await console.run('demo', '--scenario', 'busy', '--json'), 7);
  assert.deepEqual(asked, [
    { scenario: 'busy', list: false, keep: false, json: true, output: undefined },
  ]);
});
