import { isIP } from 'node:net';
import { formatAddress } from '../base/address.ts';
import { fillTemplate, type Placeholder } from '../model/caller-template.ts';
import type { CallerIdRule, NumberForm, Trunk } from '../model/trunk.ts';
import type { Hop } from '../sip/transport/hop.ts';
import type { InviteTarget } from '../sip/user-agent.ts';

/** Who calls whom, as a leg knows it. Numbers are E.164 digits, or the names of SIP lines. */
export type CallNumbers = {
  readonly called: string;
  /** What the party is to see. */
  readonly shown: string;
  /** The account's own number of this session. */
  readonly virtualNumber: string;
};

/** An INVITE but for the servers it is sent to. */
export type TargetWithoutHops = Omit<InviteTarget, 'nextHop' | 'otherHops'>;

/**
 * Whom the INVITE of a leg asks for and whom it names as the caller (field-lessons 30: many carriers
 * refuse a From that is not the account's, and take the caller's number from another header).
 */
export function inviteTarget(trunk: Trunk, numbers: CallNumbers): TargetWithoutHops {
  const { callerId, credentials } = trunk;
  const values = valuesOf(trunk, numbers);
  const uriOf = (user: string): string => `sip:${user}@${trunk.domain}`;
  const headers = [...usualHeaders(callerId, uriOf(values.number)), ...(callerId.headers ?? [])];
  const target: TargetWithoutHops = {
    requestUri: `sip:${numbers.called}@${hostOf(trunk)}`,
    from: { uri: uriOf(fillTemplate(callerId.from ?? usualFrom(callerId), values)) },
    headers: headers.map(([name, template]) => [name, fillTemplate(template, values)] as const),
  };
  return credentials ? { ...target, credentials } : target;
}

/** What OPTIONS asks of a trunk: nobody in particular. */
export function pingTarget(
  trunk: Trunk,
  nextHop: Hop,
): Pick<InviteTarget, 'requestUri' | 'nextHop'> {
  return { requestUri: `sip:${hostOf(trunk)}`, nextHop };
}

function valuesOf(trunk: Trunk, numbers: CallNumbers): Readonly<Record<Placeholder, string>> {
  const { form, showsForeign = true } = trunk.callerId;
  const shown = showsForeign ? numbers.shown : numbers.virtualNumber;
  const number = formatNumber(shown, form);
  return {
    number,
    digits: shown,
    plus: formatNumber(shown, 'plus'),
    national: formatNumber(shown, 'national'),
    virtual: formatNumber(numbers.virtualNumber, form),
    called: numbers.called,
    username: trunk.credentials?.username ?? number,
    domain: trunk.domain,
  };
}

const usualFrom = ({ header }: CallerIdRule): string =>
  header === 'From' ? '{number}' : '{username}';

function usualHeaders(
  { header }: CallerIdRule,
  uri: string,
): readonly (readonly [string, string])[] {
  if (header === 'From') return [];
  if (header === 'P-Asserted-Identity') return [[header, `<${uri}>`]]; // RFC 3325 section 9.1
  return [[header, `<${uri}>;party=calling;screen=yes;privacy=off`]]; // draft-ietf-sip-privacy-04
}

/** The form a carrier wants a caller's number in. A number outside Russia has no national form. */
function formatNumber(number: string, form: NumberForm): string {
  if (!/^\d+$/.test(number)) return number;
  if (form === 'plus') return `+${number}`;
  if (form === 'national' && /^7\d{10}$/.test(number)) return `8${number.slice(1)}`;
  return number;
}

/**
 * The domain names the trunk, and the DNS knows the rest of it. An address says everything: a port that was
 * configured, and the transport where that is not UDP.
 */
function hostOf({ domain, address, transport }: Trunk): string {
  const { host, port } = address;
  const isKnownByDns = domain !== host || (isIP(host) === 0 && port === undefined);
  if (isKnownByDns) return domain;
  const place = port === undefined ? bracketed(host) : formatAddress({ host, port });
  return transport === 'tcp' || transport === 'tls' ? `${place};transport=${transport}` : place;
}

function bracketed(host: string): string {
  return isIP(host) === 6 ? `[${host}]` : host;
}
