import { isIP } from 'node:net';
import type { KeyPath } from './key-tree.ts';
import { checkListeners } from './listeners.ts';
import { nearest } from './nearest.ts';
import type { ValueProblem } from './problems.ts';
import type { ConfigValues } from './schema.ts';
import { checkSecurity } from './security-schema.ts';
import { checkSpeech } from './speech-checks.ts';

/** Sections that are right by themselves; one with a mistake is left out of these checks. */
export type RightSections = {
  readonly [Key in keyof ConfigValues]?: ConfigValues[Key] | undefined;
};

const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Mistakes that only two keys together make. */
export function crossCheck(
  sections: RightSections,
  context: { readonly sandbox: boolean; readonly trunksGiven: boolean },
): readonly ValueProblem[] {
  return [
    ...checkMode(context),
    // Without a trunk it is not known yet who must reach this server.
    ...(context.sandbox || context.trunksGiven ? checkAddresses(sections, context.sandbox) : []),
    ...checkPortRange(sections),
    ...checkTrunks(sections.trunks ?? []),
    ...(sections.lines === undefined ? [] : checkLines(sections.lines)),
    ...checkFamilies(sections, context.sandbox),
    ...checkWeights(sections.api?.weights ?? []),
    ...(sections.speech === undefined ? [] : checkSpeech(sections.speech)),
    ...checkAccounts(sections.bootstrap?.accounts ?? []),
  ];
}

const problem = (path: KeyPath, text: string): ValueProblem => ({ path, atKey: false, text });

function* checkMode({
  sandbox,
  trunksGiven,
}: {
  sandbox: boolean;
  trunksGiven: boolean;
}): Iterable<ValueProblem> {
  if (sandbox && trunksGiven) {
    yield problem(['sandbox'], 'the sandbox takes the place of trunks: remove it, or the trunks');
  }
  if (!sandbox && !trunksGiven) {
    yield problem(
      ['trunks'],
      'no trunk is named, so no call could be placed: add one, or set sandbox: true',
    );
  }
}

function* checkAddresses(sections: RightSections, sandbox: boolean): Iterable<ValueProblem> {
  const { sip, rtp } = sections;
  const sipHost = sip && (sip.host ?? defaultSipHost(sandbox));
  if (sip && sipHost) yield* checkListeners(sip, sipHost);
  if (sip && sipHost && anyAddress.has(sipHost) && sip.public_address === undefined) {
    yield problem(
      ['sip', 'public_address'],
      `is missing: the IP address at which trunks reach this server, since SIP listens on all of them (sip.host is ${sipHost})`,
    );
  }
  const announced = rtp?.public_address ?? sip?.public_address;
  if (rtp?.host && anyAddress.has(rtp.host) && announced === undefined && sip !== undefined) {
    yield problem(
      ['rtp', 'public_address'],
      `is missing: the IP address at which phones reach this server, since RTP listens on all of them (rtp.host is ${rtp.host})`,
    );
  }
}

/** Loopback while there is nobody outside to talk to. */
export function defaultSipHost(sandbox: boolean): string {
  return sandbox ? '127.0.0.1' : '0.0.0.0';
}

function* checkPortRange({ rtp }: RightSections): Iterable<ValueProblem> {
  if (rtp !== undefined && rtp.port_max <= rtp.port_min) {
    yield problem(
      ['rtp', 'port_max'],
      `must be above port_min (${rtp.port_min}), not ${rtp.port_max}`,
    );
  }
}

function* checkTrunks(trunks: ConfigValues['trunks']): Iterable<ValueProblem> {
  yield* unique(trunks.map(({ name }, index) => [name, ['trunks', index, 'name']]));
  for (const [index, trunk] of trunks.entries()) {
    const path = ['trunks', index];
    yield* checkTrunkTransport(trunk, path);
    if (trunk.username !== undefined && trunk.password === undefined) {
      yield problem([...path, 'password'], 'is missing: a username is of no use without it');
    }
    if (trunk.register && trunk.username === undefined) {
      yield problem(
        [...path, 'username'],
        'is missing: to register a username and password are needed',
      );
    }
    for (const key of ['password', 'realm'] as const) {
      if (trunk[key] !== undefined && trunk.username === undefined) {
        yield problem([...path, 'username'], `is missing: a ${key} is of no use without it`);
      }
    }
  }
}

function* checkLines(lines: ConfigValues['lines']): Iterable<ValueProblem> {
  const { least_seconds: least, usual_seconds: usual, most_seconds: most } = lines;
  if (least > usual || usual > most)
    yield problem(
      ['lines', 'usual_seconds'],
      `must be from least_seconds (${least}) to most_seconds (${most}), not ${usual}`,
    );
}

function* checkFamilies(
  { sip, trunks = [] }: RightSections,
  sandbox: boolean,
): Iterable<ValueProblem> {
  if (sip === undefined) return;
  const hosts = [sip.host ?? defaultSipHost(sandbox), ...sip.listen.map(({ host }) => host)];
  const spoken = new Set(hosts.map((host) => isIP(host ?? '')));
  for (const [index, { host }] of trunks.entries()) {
    const version = isIP(host);
    if (version === 0 || spoken.has(version)) continue;
    const other = version === 4 ? 6 : 4;
    const text = `is an IPv${version} address and SIP is spoken over IPv${other} only: add one to sip.listen`;
    yield problem(['trunks', index, 'host'], text);
  }
}

function* checkTrunkTransport(
  { host, port, transport, ca, insecure, large_by_tcp }: ConfigValues['trunks'][number],
  path: KeyPath,
): Iterable<ValueProblem> {
  if (transport === 'auto' && (port !== undefined || isIP(host) !== 0)) {
    const given = port === undefined ? 'an IP address' : 'a port';
    yield problem(
      [...path, 'transport'],
      `auto asks the DNS, and with ${given} there is nothing to ask: say udp, tcp or tls`,
    );
  }
  const mayBeTls = transport === 'tls' || transport === 'auto';
  for (const [key, isGiven] of [
    ['ca', ca !== undefined],
    ['insecure', insecure],
  ] as const) {
    if (isGiven && !mayBeTls) {
      yield problem(
        [...path, key],
        `is of no use over ${transport}: say transport: tls, or remove it`,
      );
    }
  }
  if (ca !== undefined && insecure) {
    yield problem(
      [...path, 'insecure'],
      'with it no certificate is checked, so ca is of no use: remove one',
    );
  }
  if (large_by_tcp && (transport === 'tcp' || transport === 'tls')) {
    yield problem(
      [...path, 'large_by_tcp'],
      `is for udp: over ${transport} everything goes as it is`,
    );
  }
}

function* checkWeights(weights: ConfigValues['api']['weights']): Iterable<ValueProblem> {
  yield* unique(weights.map(({ method }, index) => [method, ['api', 'weights', index, 'method']]));
}

function* checkAccounts(accounts: ConfigValues['bootstrap']['accounts']): Iterable<ValueProblem> {
  const at = (index: number): KeyPath => ['bootstrap', 'accounts', index];
  const everywhere = <T>(
    list: (account: (typeof accounts)[number]) => readonly T[],
    name: string,
    key: string,
    value: (item: T) => string,
  ): [string, KeyPath][] =>
    accounts.flatMap((account, index) =>
      list(account).map((item, place): [string, KeyPath] => [
        value(item),
        [...at(index), name, place, key],
      ]),
    );
  yield* unique(accounts.map(({ name }, index) => [name, [...at(index), 'name']]));
  yield* unique(
    everywhere(
      (account) => account.users,
      'users',
      'login',
      (user) => user.login,
    ),
  );
  yield* unique(
    everywhere(
      (account) => account.numbers,
      'numbers',
      'number',
      (it) => it.number,
    ),
  );
  yield* unique(
    everywhere(
      (account) => account.keys,
      'keys',
      'token',
      (key) => key.token,
    ),
    false,
  );
  for (const [index, { media, keys, users, security }] of accounts.entries()) {
    if (security) yield* checkSecurity(security, [...at(index), 'security']);
    yield* unique(media.map(({ name }, place) => [name, [...at(index), 'media', place, 'name']]));
    const logins = users.map(({ login }) => login);
    for (const [place, { user }] of keys.entries()) {
      if (logins.includes(user)) continue;
      const guess = nearest(user, logins);
      yield problem(
        [...at(index), 'keys', place, 'user'],
        `no user of this account has the login ${JSON.stringify(user)}` +
          (guess === undefined ? '' : `; did you mean "${guess}"?`),
      );
    }
  }
  const ids = everywhere(
    (account) => account.media,
    'media',
    'id',
    ({ id }) => `${id ?? ''}`,
  );
  yield* unique(ids.filter(([id]) => id !== ''));
}

function* unique(
  items: readonly (readonly [value: string, path: KeyPath])[],
  shown = true,
): Iterable<ValueProblem> {
  const seen = new Set<string>();
  for (const [value, path] of items) {
    if (seen.has(value)) {
      yield problem(path, `${shown ? JSON.stringify(value) : 'the same'} is given twice`);
    }
    seen.add(value);
  }
}
