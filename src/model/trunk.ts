import type { SocketAddress } from '../base/address.ts';

export type CodecName = 'PCMA' | 'PCMU';

/** A way to the telephone network: a carrier, a PBX, or the sandbox. */
export type Trunk = {
  readonly name: string;
  /** Where its SIP requests go, already resolved to an IP address. */
  readonly address: SocketAddress;
  /** The host part of the URIs sent to it: its domain, or its address as configured. */
  readonly domain: string;
  readonly transport: 'udp';
  readonly credentials?: Credentials;
  /** Offered in this order. */
  readonly codecs: readonly CodecName[];
  readonly callerId: CallerIdRule;
  /** Legs at the same time; undefined: no limit of ours. */
  readonly maxChannels?: number;
  /** It serves numbers that begin with one of these; an empty string serves all. */
  readonly prefixes: readonly string[];
};

/** For digest authentication towards this trunk only: RFC 3261 section 22, RFC 8760. */
export type Credentials = {
  readonly username: string;
  readonly password: string;
  /** Answered only when the challenge names it; undefined: the first realm this trunk names. */
  readonly realm?: string;
};

export type CallerIdRule = {
  readonly header: 'From' | 'P-Asserted-Identity' | 'Remote-Party-ID';
  /** `digits`: 74993720692, `plus`: +74993720692, `national`: 84993720692 (Russia's trunk prefix). */
  readonly form: 'digits' | 'plus' | 'national';
};
