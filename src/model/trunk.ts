import type { CallerHeader } from './caller-template.ts';

/** G.711 A-law and mu-law, G.722, Opus, as their rtpmap names them. */
export type CodecName = 'PCMA' | 'PCMU' | 'G722' | 'opus';

/**
 * SRTP towards a party, with keys in its session description (RFC 4568): `optional` encrypts when the
 * party does (RFC 8643), `required` refuses plain RTP.
 */
export type SrtpMode = 'off' | 'optional' | 'required';

/**
 * Whether RTP may come from elsewhere than announced: `auto` only where the announced address is a
 * private one of another network, `always` or, `strict`, never.
 */
export type LatchMode = 'auto' | 'strict' | 'always';

/** A way to the telephone network: a carrier, a PBX, or the sandbox. */
export type Trunk = {
  readonly name: string;
  /** Where its SIP requests go, as configured: an IP address, or a name whose servers the DNS knows. */
  readonly address: TrunkAddress;
  /** The host part of the URIs sent to it: its domain, or its address as configured. */
  readonly domain: string;
  /** `auto`: as its domain wants it (RFC 3263 section 4.1). */
  readonly transport: 'udp' | 'tcp' | 'tls' | 'auto';
  /** TLS: a PEM file with the authorities to believe; undefined: those of the system. */
  readonly caFile?: string;
  /** TLS: any certificate will do. */
  readonly insecure?: true;
  /** UDP: a request above 1300 bytes goes by TCP (RFC 3261 section 18.1.1). */
  readonly largeByTcp?: true;
  readonly credentials?: Credentials;
  /** Offered in this order. */
  readonly codecs: readonly CodecName[];
  /** Undefined: off. */
  readonly srtp?: SrtpMode;
  /** Undefined: auto. */
  readonly rtpLatching?: LatchMode;
  readonly callerId: CallerIdRule;
  /** Legs at the same time; undefined: no limit of ours. */
  readonly maxChannels?: number;
  /** Legs begun a second; undefined: no limit of ours. */
  readonly maxCallsPerSecond?: number;
  /** Among trunks that serve a number equally well the lowest is tried first; undefined: 0. */
  readonly priority?: number;
  /** Its share of the calls among trunks of one priority, as in RFC 2782; undefined: 1. */
  readonly weight?: number;
  /** Silent for so long after an INVITE, it is left for the next trunk; undefined: 5 s. */
  readonly noResponseMs?: number;
  /** We register with it, asking for so many seconds; undefined: it knows us by our address. */
  readonly registerSeconds?: number;
  /** How often OPTIONS asks whether it is there; undefined: only calls tell. */
  readonly pingMs?: number;
  /** It serves numbers that begin with one of these; an empty string serves all. */
  readonly prefixes: readonly string[];
};

/** Without a port a name's servers and their ports come from the DNS: RFC 3263 section 4.2. */
export type TrunkAddress = { readonly host: string; readonly port?: number };

/** For digest authentication towards this trunk only: RFC 3261 section 22, RFC 8760. */
export type Credentials = {
  readonly username: string;
  readonly password: string;
  /** Answered only when the challenge names it; undefined: the first realm this trunk names. */
  readonly realm?: string;
};

/** How a trunk is told who calls: calls/caller-id.ts. */
export type CallerIdRule = {
  readonly header: 'From' | 'P-Asserted-Identity' | 'Remote-Party-ID';
  /** `digits`: 74993720692, `plus`: +74993720692, `national`: 84993720692 (Russia's trunk prefix). */
  readonly form: NumberForm;
  /** Template of the user part of From, in place of what `header` leads to. */
  readonly from?: string;
  /** Templates of further headers, in order. */
  readonly headers?: readonly (readonly [name: CallerHeader, template: string])[];
  /** False: the carrier refuses numbers that are not the account's: the virtual number is shown instead. */
  readonly showsForeign?: boolean;
};

export type NumberForm = 'digits' | 'plus' | 'national';
