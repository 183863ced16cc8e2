import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { changeSecurity } from '../model/security-rules.ts';
import type { MediaIntake, StoredSound } from '../model/stored-sound.ts';
import type { Account, MediaFile, Store, User } from '../store/store.ts';
import type { BootstrapAccount, BootstrapKey, BootstrapMedia, BootstrapUser } from './config.ts';

/** What the bootstrap needs of the layers above and beside it. */
export type BootstrapDeps = {
  hashPassword(password: string): Promise<string>;
  verifyPassword(password: string, hash: string): Promise<boolean>;
  /** SHA-256 of a token, lower-case hex. */
  hashToken(token: string): string;
};

/** Where the sound files go that it names. */
export type BootstrapMediaDeps = { readonly media: Pick<MediaIntake, 'take'> };

/** The store holds something that the bootstrap may not take over: nothing was changed. */
export class BootstrapError extends Error {
  override readonly name = 'BootstrapError';
}

/**
 * Brings the store to what `bootstrap` of the configuration says and tells, line by line, what it
 * changed: nothing when it is applied again. It adds and changes; what is not named is left as it is.
 */
export async function applyBootstrap(
  { accounts }: { readonly accounts: readonly BootstrapAccount[] },
  store: Store,
  deps: BootstrapDeps & BootstrapMediaDeps,
): Promise<readonly string[]> {
  // Files and passwords first: they are slow, and a file that is missing must change nothing.
  const prepared: Prepared[] = [];
  for (const wanted of accounts) prepared.push(await prepare(wanted, store, deps));
  return store.transaction(async (within) => {
    const changes: string[] = [];
    for (const { wanted, sounds, hashes } of prepared) {
      const account = await putAccount(within, wanted, changes);
      const say = (text: string): void => void changes.push(`account ${account.name}: ${text}`);
      const context: Context = { store: within, account, say };
      for (const user of wanted.users) await putUser(context, user, hashes.get(user.login));
      for (const key of wanted.keys) await putKey(context, key, deps.hashToken(key.token));
      for (const number of wanted.numbers) await putNumber(context, number);
      for (const file of wanted.media) await putMedia(context, file, sounds.get(file)!);
      await putBlacklist(context, wanted.blacklist);
      await putAllowList(context, wanted.allowList);
      await putSecurity(context, wanted.security);
    }
    return changes;
  });
}

type Context = {
  readonly store: Store;
  readonly account: Account;
  readonly say: (change: string) => void;
};

type Prepared = {
  readonly wanted: BootstrapAccount;
  readonly sounds: ReadonlyMap<BootstrapMedia, StoredSound>;
  /** New hashes by login; none for a password that is stored already. */
  readonly hashes: ReadonlyMap<string, string>;
};

async function prepare(
  wanted: BootstrapAccount,
  store: Store,
  deps: BootstrapDeps & BootstrapMediaDeps,
): Promise<Prepared> {
  const sounds = new Map<BootstrapMedia, StoredSound>();
  for (const file of wanted.media) sounds.set(file, await takeSound(file, deps.media));
  const hashes = new Map<string, string>();
  for (const { login, password } of wanted.users) {
    const user = await store.users.byLogin(login);
    const same = user !== undefined && (await deps.verifyPassword(password, user.passwordHash));
    if (!same) hashes.set(login, await deps.hashPassword(password));
  }
  return { wanted, sounds, hashes };
}

/** @throws BootstrapError for a file that cannot be played. */
export async function takeSound(
  { path, normalize = false }: Pick<BootstrapMedia, 'path' | 'normalize'>,
  media: Pick<MediaIntake, 'take'>,
): Promise<StoredSound> {
  const taken = await media.take(path, { normalize });
  if ('refused' in taken) throw new BootstrapError(`bootstrap: ${path}: ${taken.refused}`);
  return taken.sound;
}

async function putAccount(
  store: Store,
  { name, timeZone, limits, disabledComponents }: BootstrapAccount,
  changes: string[],
): Promise<Account> {
  const existing = await store.accounts.byName(name);
  const values = {
    name,
    timeZone,
    minuteLimit: limits.pointsPerMinute,
    dayLimit: limits.pointsPerDay,
    ttsMaxLength: limits.ttsMaxLength,
  };
  const off = disabledComponents ?? existing?.disabledComponents ?? [];
  if (
    existing !== undefined &&
    agrees(existing, values) &&
    isDeepStrictEqual(existing.disabledComponents, off)
  )
    return existing;
  changes.push(`account ${name}: ${existing === undefined ? 'added' : 'changed'}`);
  const active = existing?.active ?? true;
  return store.accounts.put({ ...values, active, disabledComponents: off });
}

async function putUser(
  { store, account, say }: Context,
  { login, callApi, dataApi, administration }: BootstrapUser,
  newHash: string | undefined,
): Promise<void> {
  const existing = await store.users.byLogin(login);
  refuseForeign(existing, account, `the login ${JSON.stringify(login)}`);
  const passwordHash = newHash ?? existing?.passwordHash;
  if (passwordHash === undefined) throw new BootstrapError(`user ${login} has no password`);
  const values = { passwordHash, callApi, dataApi, administration };
  if (existing !== undefined && agrees(existing, values)) return;
  const user = await store.users.put({ ...values, accountId: account.id, login });
  if (existing === undefined) {
    say(`user ${login} added`);
    return;
  }
  const passwordChanged = existing.passwordHash !== passwordHash;
  if (passwordChanged) await endSessions(store, user);
  say(`user ${login}: ${passwordChanged ? 'password changed, sessions ended' : 'rights changed'}`);
}

/** Whoever logged in with the old password must log in again. */
export async function endSessions(store: Store, user: User): Promise<void> {
  for (const key of await store.keys.list(user.accountId)) {
    if (key.userId === user.id && key.kind === 'session') await store.keys.remove(key.id);
  }
}

async function putKey(
  { store, account, say }: Context,
  { user: login, label, expiresAt }: BootstrapKey,
  tokenHash: string,
): Promise<void> {
  const user = await store.users.byLogin(login);
  if (user === undefined) throw new BootstrapError(`there is no user ${JSON.stringify(login)}`);
  const existing = await store.keys.byTokenHash(tokenHash);
  refuseForeign(existing, account, `the key ${JSON.stringify(label)}`);
  const values = { userId: user.id, label, expiresAt };
  if (existing !== undefined && agrees(existing, values)) return;
  if (existing !== undefined) await store.keys.remove(existing.id);
  await store.keys.add({
    ...values,
    accountId: account.id,
    kind: 'permanent',
    tokenHash,
    // A key that somebody blocked stays blocked, whatever the file says of it.
    blocked: existing?.blocked ?? false,
  });
  say(`key ${JSON.stringify(label)} ${existing === undefined ? 'added' : 'changed'}`);
}

async function putNumber(
  { store, account, say }: Context,
  wanted: BootstrapAccount['numbers'][number],
): Promise<void> {
  const existing = await store.numbers.find(wanted.number);
  refuseForeign(existing, account, `the number ${wanted.number}`);
  if (existing !== undefined && agrees(existing, wanted)) return;
  await store.numbers.put({ ...wanted, accountId: account.id });
  say(`number ${wanted.number} ${existing === undefined ? 'added' : 'changed'}`);
}

async function putMedia(
  { store, account, say }: Context,
  { id, name, path }: BootstrapMedia,
  sound: StoredSound,
): Promise<void> {
  const owner = id === undefined ? undefined : await store.media.byId(id);
  if (owner !== undefined && owner.accountId !== account.id) {
    const whose = owner.accountId === null ? `the system's ${owner.name}` : "another account's";
    throw new BootstrapError(
      `bootstrap: the media file ${JSON.stringify(name)} cannot have the id ${id}, which is ${whose}: give it another one, from 1000`,
    );
  }
  const own = (await store.media.list(account.id)).filter((it) => it.accountId === account.id);
  const existing: MediaFile | undefined =
    id === undefined ? own.find((it) => it.name === name) : own.find((it) => it.id === id);
  const values = { ...sound, name, originalName: basename(path) };
  if (existing !== undefined && agrees(existing, values)) return;
  const namesake = own.find((it) => it.name === name && it.id !== existing?.id);
  if (namesake !== undefined) {
    throw new BootstrapError(
      `bootstrap: the account ${account.name} has the media file ${namesake.id} of the name ` +
        `${JSON.stringify(name)} already: give it id: ${namesake.id}, or another name`,
    );
  }
  const fileId = id ?? existing?.id;
  const file = await store.media.put({
    ...(fileId !== undefined && { id: fileId }),
    ...values,
    accountId: account.id,
  });
  say(`media file ${file.id} ${JSON.stringify(name)} ${existing ? 'changed' : 'added'}`);
}

async function putBlacklist(
  { store, account, say }: Context,
  numbers: readonly string[],
): Promise<void> {
  for (const number of numbers) {
    if (await store.blacklist.has(account.id, number)) continue;
    await store.blacklist.add(account.id, number);
    say(`blacklist: ${number} added`);
  }
}

async function putAllowList(
  { store, account, say }: Context,
  networks: readonly string[],
): Promise<void> {
  const listed = await store.allowList.list(account.id);
  for (const network of networks) {
    if (listed.includes(network)) continue;
    await store.allowList.add(account.id, network);
    say(`allow-list: ${network} added`);
  }
}

async function putSecurity(
  { store, account, say }: Context,
  change: BootstrapAccount['security'],
): Promise<void> {
  if (change === undefined) return;
  const rules = await store.security.of(account.id);
  const changed = changeSecurity(rules, change);
  if (isDeepStrictEqual(rules, changed)) return;
  await store.security.put(account.id, changed);
  say('security rules changed');
}

function refuseForeign(
  existing: { readonly accountId: number } | undefined,
  account: Account,
  what: string,
): void {
  if (existing === undefined || existing.accountId === account.id) return;
  throw new BootstrapError(
    `bootstrap: ${what} cannot go to the account ${account.name}: another account has it`,
  );
}

/** Whether every value in `wanted` is already so in `existing`. */
function agrees<T extends object>(existing: T, wanted: Partial<T>): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => (existing as Record<string, unknown>)[key] === value,
  );
}
