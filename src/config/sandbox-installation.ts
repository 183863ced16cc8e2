import { basename, join } from 'node:path';
import type { Random } from '../base/random.ts';
import type { Store } from '../store/store.ts';
import { type BootstrapDeps, type BootstrapMediaDeps, takeSound } from './bootstrap.ts';

/** What a server without a configuration is used with: an account, its number and two messages. */
export type SandboxInstallation = {
  readonly accountId: number;
  readonly virtualNumber: string;
  /** The permanent key, only when it was made just now: afterwards nobody knows it. */
  readonly newKey: string | undefined;
  readonly media: readonly { readonly id: number; readonly name: string }[];
};

export const sandboxAccountName = 'sandbox';
export const sandboxNumber = '74993720692';

/** The messages of the sandbox, in `assets/demo/`. */
export const sandboxMedia: readonly { readonly name: string; readonly file: string }[] = [
  { name: 'contact_message', file: 'contact-message.wav' },
  { name: 'operator_message', file: 'operator-message.wav' },
];

/**
 * Makes the account `sandbox` with a user, a permanent key, a number and two media files. What is
 * there already stays, so a second start changes nothing and knows no key.
 */
export async function createSandboxInstallation(
  store: Store,
  deps: BootstrapDeps &
    BootstrapMediaDeps & { readonly random: Random; readonly assetsFolder: string },
): Promise<SandboxInstallation> {
  const files = await Promise.all(
    sandboxMedia.map(async ({ name, file }) => {
      const path = join(deps.assetsFolder, 'demo', file);
      const sound = await takeSound({ path }, deps.media);
      return { ...sound, name, originalName: basename(path) };
    }),
  );
  const existing = await store.accounts.byName(sandboxAccountName);
  // Nobody logs in as this user until a password is set: `dozvon user password sandbox`.
  const passwordHash =
    existing === undefined ? await deps.hashPassword(deps.random.hex(32)) : undefined;
  const token = deps.random.hex(32);
  return store.transaction(async (within) => {
    const account =
      existing ??
      (await within.accounts.put({
        name: sandboxAccountName,
        active: true,
        timeZone: 'Europe/Moscow',
        minuteLimit: 600,
        dayLimit: 100_000,
        ttsMaxLength: 1000,
        disabledComponents: [],
      }));
    if (passwordHash !== undefined) {
      const user = await within.users.put({
        accountId: account.id,
        login: sandboxAccountName,
        passwordHash,
        callApi: true,
        administration: true,
      });
      await within.keys.add({
        accountId: account.id,
        userId: user.id,
        kind: 'permanent',
        tokenHash: deps.hashToken(token),
        label: 'made at the first start',
        expiresAt: null,
        blocked: false,
      });
      await within.numbers.put({
        accountId: account.id,
        number: sandboxNumber,
        active: true,
        label: 'sandbox',
      });
    }
    const own = await within.media.list(account.id);
    const media = [];
    for (const file of files) {
      const stored = own.find((it) => it.accountId === account.id && it.name === file.name);
      const same = stored?.path === file.path && stored.contentHash === file.contentHash;
      media.push(same ? stored : await within.media.put({ ...file, accountId: account.id }));
    }
    return {
      accountId: account.id,
      virtualNumber: sandboxNumber,
      newKey: passwordHash === undefined ? undefined : token,
      media: media.map(({ id, name }) => ({ id, name })),
    };
  });
}
