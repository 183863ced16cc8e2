import { formatAddress } from '../base/address.ts';
import { fillTemplate, type Placeholder } from '../model/caller-template.ts';
import type { CallerIdRule, NumberForm, Trunk } from '../model/trunk.ts';
import type { InviteTarget } from '../sip/user-agent.ts';

/** Who calls whom, as a leg knows it. Numbers are E.164 digits, or the names of SIP lines. */
export type CallNumbers = {
  readonly called: string;
  /** What the party is to see. */
  readonly shown: string;
  /** The account's own number of this session. */
  readonly virtualNumber: string;
};

/**
 * Where the INVITE of a leg goes and whom it names as the caller (field-lessons 30: many carriers
 * refuse a From that is not the account's, and take the caller's number from another header).
 */
export function inviteTarget(trunk: Trunk, numbers: CallNumbers): InviteTarget {
  const { callerId, credentials } = trunk;
  const values = valuesOf(trunk, numbers);
  const uriOf = (user: string): string => `sip:${user}@${trunk.domain}`;
  const headers = [...usualHeaders(callerId, uriOf(values.number)), ...(callerId.headers ?? [])];
  const target: InviteTarget = {
    requestUri: `sip:${numbers.called}@${hostOf(trunk)}`,
    nextHop: trunk.address,
    from: { uri: uriOf(fillTemplate(callerId.from ?? usualFrom(callerId), values)) },
    headers: headers.map(([name, template]) => [name, fillTemplate(template, values)] as const),
  };
  return credentials ? { ...target, credentials } : target;
}

/** What OPTIONS asks of a trunk: nobody in particular. */
export function pingTarget(trunk: Trunk): Pick<InviteTarget, 'requestUri' | 'nextHop'> {
  return { requestUri: `sip:${hostOf(trunk)}`, nextHop: trunk.address };
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

/** The domain names the trunk; a port of its own other than 5060 must be said. */
function hostOf({ domain, address }: Trunk): string {
  return domain === address.host ? formatAddress(address) : domain;
}
