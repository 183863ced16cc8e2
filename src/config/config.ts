import type { DigestAlgorithm } from '../model/registration.ts';
import type { SecurityChange } from '../model/security-rules.ts';
import type { SpeechSettings } from '../model/speech-settings.ts';
import type { CodecName, LatchMode, SrtpMode, Trunk } from '../model/trunk.ts';

/**
 * Everything an installation can be told, checked and with every default filled in: plain data, made by
 * `load-config.ts` from the file, the environment and the defaults. Paths are absolute, durations in ms.
 */
export type Config = {
  /** The built-in sandbox plays the telephone network: no trunk of one's own is needed. */
  readonly sandbox: boolean;
  readonly http: HttpConfig;
  readonly sip: SipConfig;
  readonly rtp: RtpConfig;
  /** Empty only in sandbox mode. */
  readonly trunks: readonly TrunkConfig[];
  readonly lines: LinesConfig;
  readonly calls: CallsConfig;
  readonly speech: SpeechSettings;
  readonly media: MediaConfig;
  readonly retention: RetentionConfig;
  readonly api: ApiConfig;
  readonly dataFolder: string;
  readonly log: LogConfig;
  readonly bootstrap: { readonly accounts: readonly BootstrapAccount[] };
};

/** Where the Call API is served. */
export type HttpConfig = {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** Paths of PEM files; undefined: plain HTTP, as behind a reverse proxy. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** IP addresses and CIDR of reverse proxies whose word on the client's address is believed. */
  readonly trustedProxies: readonly string[];
  /** Where these proxies write it. */
  readonly forwardedHeader: 'X-Forwarded-For' | 'Forwarded';
  /** What links to this server begin with, without a slash at the end; undefined: as it was called. */
  readonly publicUrl?: string;
};

/** Where SIP is spoken. */
export type SipConfig = {
  readonly transport: 'udp';
  /** The address to bind. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** The IP address that Via and Contact name: what trunks reach this server at. */
  readonly publicAddress: string;
  /** Further addresses, and transports that trunks need. */
  readonly listen: readonly ListenConfig[];
  /** Seconds after which a session expires that nobody refreshes (RFC 4028); 0: none does. */
  readonly sessionExpires: number;
};

/** One more address where SIP is spoken. */
export type ListenConfig = {
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
  readonly publicAddress: string;
  /** Paths of PEM files; of TLS without them connections are only made, none is taken. */
  readonly identity?: { readonly certificate: string; readonly key: string };
};

/** Where RTP is sent from and received at. */
export type RtpConfig = {
  readonly host: string;
  /** The IP address that session descriptions name. */
  readonly publicAddress: string;
  readonly portMin: number;
  readonly portMax: number;
  /** Media threads; `auto`: one per core but one. */
  readonly workers: number | 'auto';
};

/** A trunk as configured: `model/trunk.ts` with its host not resolved yet. */
export type TrunkConfig = Omit<Trunk, 'address' | 'codecs' | 'prefixes'> & {
  readonly host: string;
  readonly port?: number;
  readonly codecs: readonly CodecName[];
  readonly prefixes: readonly string[];
};

/** The SIP lines of employees: docs/operating/lines.md. */
export type LinesConfig = {
  /** Where phones may register from: IP addresses and networks. */
  readonly networks: readonly string[];
  /** How long a phone may register for. */
  readonly leastSeconds: number;
  readonly usualSeconds: number;
  readonly mostSeconds: number;
  /** How they may prove their password, the preferred one first. */
  readonly digestAlgorithms: readonly DigestAlgorithm[];
  readonly codecs: readonly CodecName[];
  readonly srtp?: SrtpMode;
  readonly rtpLatching?: LatchMode;
};

export type CallsConfig = {
  readonly operatorRingMs: number;
  readonly contactRingMs: number;
  /** From the later of the operator's answer and the end of its message. */
  readonly confirmationMs: number;
  readonly maxCallMs: number;
  /** No RTP of any party for this long ends the talk; 0: never. */
  readonly silenceMs: number;
  /** What running calls are given when the server is told to stop. */
  readonly shutdownMs: number;
};

/** The media library. */
export type MediaConfig = {
  /** The largest file that is taken over HTTP. */
  readonly uploadBytes: number;
  /** How long a `play_link` plays. */
  readonly linkMs: number;
};

/** How many days data is kept that grows without end. */
export type RetentionConfig = {
  readonly apiRequestDays: number;
  readonly callJournalDays: number;
};

export type ApiConfig = {
  /** Points that successful requests cost, by method; those not named cost their own. */
  readonly weights: readonly { readonly method: string; readonly points: number }[];
};

export type LogConfig = {
  readonly level: LogLevel;
  /** One readable line instead of JSON; `auto`: when the output is a terminal. */
  readonly pretty: boolean | 'auto';
};

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** An account that is made, or brought to these values, at every start. */
export type BootstrapAccount = {
  readonly name: string;
  readonly timeZone: string;
  readonly limits: {
    readonly pointsPerMinute: number;
    readonly pointsPerDay: number;
    readonly ttsMaxLength: number;
  };
  readonly users: readonly BootstrapUser[];
  readonly keys: readonly BootstrapKey[];
  readonly numbers: readonly BootstrapNumber[];
  readonly media: readonly BootstrapMedia[];
  readonly blacklist: readonly string[];
  /** IP addresses and CIDR that may use the account. */
  readonly allowList: readonly string[];
  /** undefined, as each part of it: what is stored stays. */
  readonly security?: SecurityChange;
  /** model/component.ts; undefined: those that are off stay so. */
  readonly disabledComponents?: readonly string[];
};

export type BootstrapUser = {
  readonly login: string;
  readonly password: string;
  readonly callApi: boolean;
  readonly dataApi: boolean;
  /** May change users, keys, numbers and rules of the account. */
  readonly administration: boolean;
};

export type BootstrapKey = {
  readonly token: string;
  /** Login of a user of the same account. */
  readonly user: string;
  readonly label: string;
  /** Unix seconds; null: endless. */
  readonly expiresAt: number | null;
};

export type BootstrapNumber = {
  readonly number: string;
  readonly label: string;
  readonly active: boolean;
};

export type BootstrapMedia = {
  /** The `media_file_id`; undefined: the store chooses. */
  readonly id?: number;
  readonly name: string;
  /** Absolute path of a sound file. */
  readonly path: string;
  /** Bring it to the usual loudness. Default: false. */
  readonly normalize?: boolean;
};
