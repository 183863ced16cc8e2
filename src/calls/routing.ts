import { formatAddress } from '../base/address.ts';
import type { CallerIdRule, Trunk } from '../model/trunk.ts';
import type { InviteTarget } from '../sip/user-agent.ts';

/** The way one leg goes, and a channel taken on it until `release`. */
export type Route = {
  readonly trunk: Trunk;
  readonly target: InviteTarget;
  /** Gives the channel back; idempotent. */
  release(): void;
};

export type NoRoute = { readonly refused: 'noRoute' | 'channelsBusy' };

/** Chooses the trunk of a number by the longest prefix, counts its channels, and says who calls. */
export class Routing {
  readonly #trunks: readonly Trunk[];
  readonly #inUse = new Map<Trunk, number>();

  constructor(trunks: readonly Trunk[]) {
    this.#trunks = trunks;
  }

  /** Channels taken on all trunks: zero when every call is over. */
  get channelsInUse(): number {
    let sum = 0;
    for (const count of this.#inUse.values()) sum += count;
    return sum;
  }

  /** Of trunks that serve it equally well the first configured one with a free channel is taken. */
  choose(number: string, callerId: string): Route | NoRoute {
    const serving = this.#trunks
      .map((trunk) => ({ trunk, length: longestPrefix(trunk, number) }))
      .filter(({ length }) => length >= 0)
      .sort((a, b) => b.length - a.length);
    if (serving.length === 0) return { refused: 'noRoute' };
    const free = serving.find(({ trunk }) => this.#used(trunk) < (trunk.maxChannels ?? Infinity));
    if (free === undefined) return { refused: 'channelsBusy' };
    return this.#take(free.trunk, inviteTarget(free.trunk, number, callerId));
  }

  #take(trunk: Trunk, target: InviteTarget): Route {
    this.#inUse.set(trunk, this.#used(trunk) + 1);
    let taken = true;
    const release = (): void => {
      if (!taken) return;
      taken = false;
      this.#inUse.set(trunk, this.#used(trunk) - 1);
    };
    return { trunk, target, release };
  }

  #used(trunk: Trunk): number {
    return this.#inUse.get(trunk) ?? 0;
  }
}

function longestPrefix(trunk: Trunk, number: string): number {
  let longest = -1;
  for (const prefix of trunk.prefixes) {
    if (number.startsWith(prefix) && prefix.length > longest) longest = prefix.length;
  }
  return longest;
}

/**
 * Where the INVITE of a leg goes and whom it names as the caller (field-lessons 30: many carriers
 * refuse a From that is not the account's, and take the caller's number from another header).
 */
export function inviteTarget(trunk: Trunk, number: string, callerId: string): InviteTarget {
  const shown = formatNumber(callerId, trunk.callerId.form);
  const uriOf = (user: string): string => `sip:${user}@${trunk.domain}`;
  const inFrom = trunk.callerId.header === 'From';
  const from = inFrom ? shown : (trunk.credentials?.username ?? shown);
  const target: InviteTarget = {
    requestUri: `sip:${number}@${hostOf(trunk)}`,
    nextHop: trunk.address,
    from: { uri: uriOf(from) },
    headers: inFrom ? [] : [callerIdHeader(trunk.callerId.header, uriOf(shown))],
  };
  return trunk.credentials ? { ...target, credentials: trunk.credentials } : target;
}

function callerIdHeader(
  header: Exclude<CallerIdRule['header'], 'From'>,
  uri: string,
): readonly [string, string] {
  if (header === 'P-Asserted-Identity') return [header, `<${uri}>`]; // RFC 3325 section 9.1
  return [header, `<${uri}>;party=calling;screen=yes;privacy=off`]; // draft-ietf-sip-privacy-04
}

/** The form a carrier wants a caller's number in. A number outside Russia has no national form. */
function formatNumber(number: string, form: CallerIdRule['form']): string {
  if (!/^\d+$/.test(number)) return number;
  if (form === 'plus') return `+${number}`;
  if (form === 'national' && /^7\d{10}$/.test(number)) return `8${number.slice(1)}`;
  return number;
}

/** The domain names the trunk; a port of its own other than 5060 must be said. */
function hostOf({ domain, address }: Trunk): string {
  return domain === address.host ? formatAddress(address) : domain;
}
