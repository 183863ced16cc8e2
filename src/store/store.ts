import type { Cdr } from '../model/cdr.ts';
import type { SoundFormat } from '../model/stored-sound.ts';
import type {
  BlacklistCardStore,
  EmployeeStore,
  NumberCardStore,
  ReportStore,
  SipLineStore,
  TagStore,
} from './data-store.ts';
import type {
  MinuteUseStore,
  NumberingPlanStore,
  NumberUseStore,
  SecurityStore,
} from './numbers-store.ts';

/** All that outlives the process. Several accounts from the start: every row belongs to one. */
export interface Store {
  readonly accounts: AccountStore;
  readonly users: UserStore;
  readonly keys: KeyStore;
  readonly allowList: AllowListStore;
  readonly points: PointStore;
  readonly requests: RequestStore;
  readonly numbers: NumberStore;
  readonly numberUse: NumberUseStore;
  readonly minuteUse: MinuteUseStore;
  readonly numberingPlan: NumberingPlanStore;
  readonly security: SecurityStore;
  readonly media: MediaFileStore;
  readonly blacklist: BlacklistStore;
  readonly numberCards: NumberCardStore;
  readonly blacklistCards: BlacklistCardStore;
  readonly tags: TagStore;
  readonly employees: EmployeeStore;
  readonly sipLines: SipLineStore;
  readonly reports: ReportStore;
  readonly calls: CallStore;
  readonly journals: JournalStore;
  readonly secrets: SecretStore;
  transaction<T>(work: (store: Store) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export type Account = {
  readonly id: number;
  readonly name: string;
  readonly active: boolean;
  /** IANA name: its midnight resets the day's points and its time is shown in `list.calls`. */
  readonly timeZone: string;
  readonly minuteLimit: number;
  readonly dayLimit: number;
  /** Characters of synthesised text a message may have. */
  readonly ttsMaxLength: number;
  /** Names of components switched off: call-api.md section 8. */
  readonly disabledComponents: readonly string[];
};

export interface AccountStore {
  list(): Promise<readonly Account[]>;
  byId(id: number): Promise<Account | undefined>;
  byName(name: string): Promise<Account | undefined>;
  /** Creates it, or changes the one of that name to these values. */
  put(account: Omit<Account, 'id'>): Promise<Account>;
}

export type User = {
  readonly id: number;
  readonly accountId: number;
  readonly login: string;
  /** `scrypt$N$r$p$salt$hash`: api/passwords.ts. */
  readonly passwordHash: string;
  /** May use the Call API. */
  readonly callApi: boolean;
  /** May use the Data API. */
  readonly dataApi: boolean;
  /** May change users, keys, numbers and rules of the account by the extension methods of the Data API. */
  readonly administration: boolean;
};

/** What `put` may leave out is kept, and at first: the Data API, no administration. */
export type UserValues = Omit<User, 'id' | 'dataApi' | 'administration'> &
  Partial<Pick<User, 'dataApi' | 'administration'>>;

export interface UserStore {
  list(accountId: number): Promise<readonly User[]>;
  /** Logins are unique over all accounts. */
  byLogin(login: string): Promise<User | undefined>;
  byId(id: number): Promise<User | undefined>;
  put(user: UserValues): Promise<User>;
  remove(id: number): Promise<void>;
}

/** A session token of `login.user` or a permanent key; only its SHA-256 is kept. */
export type AccessKey = {
  readonly id: number;
  readonly accountId: number;
  readonly userId: number;
  readonly kind: 'session' | 'permanent';
  /** SHA-256 of the token, lower-case hex. */
  readonly tokenHash: string;
  /** For people: what the key is for. */
  readonly label: string;
  /** Unix seconds; null: endless. */
  readonly expiresAt: number | null;
  readonly blocked: boolean;
};

export interface KeyStore {
  list(accountId: number): Promise<readonly AccessKey[]>;
  byTokenHash(tokenHash: string): Promise<AccessKey | undefined>;
  add(key: Omit<AccessKey, 'id'>): Promise<AccessKey>;
  setBlocked(id: number, blocked: boolean): Promise<void>;
  remove(id: number): Promise<void>;
  /** Session tokens that expired before `unixSeconds` go. */
  removeExpired(unixSeconds: number): Promise<number>;
}

/**
 * Networks from which an account may be used: IP addresses and CIDR in their shortest form
 * (base/network.ts). An empty list leaves the server's own default.
 */
export interface AllowListStore {
  list(accountId: number): Promise<readonly string[]>;
  add(accountId: number, network: string): Promise<void>;
  remove(accountId: number, network: string): Promise<void>;
}

/** A stretch of time with its own limit, wall ms. */
export type PointWindow = {
  readonly startsAt: number;
  readonly endsAt: number;
  readonly used: number;
};

/** What an account has used of its points: api/points.ts. */
export type PointCounters = {
  readonly accountId: number;
  readonly minute: PointWindow;
  readonly day: PointWindow;
};

export interface PointStore {
  list(): Promise<readonly PointCounters[]>;
  /** Takes the place of what was saved for these accounts. */
  save(counters: readonly PointCounters[]): Promise<void>;
}

/** One request of the API and what came of it: spec/data-api-subset.md, `get.api_requests`. */
export type ApiRequest = {
  readonly id: number;
  readonly accountId: number;
  /** Wall ms of its arrival. */
  readonly at: number;
  readonly method: string;
  /** Client-facing name of the method's component. */
  readonly component: string;
  /** `4.0`, without the `v`. */
  readonly apiVersion: string;
  /** The `id` that was sent, as JSON. */
  readonly rawId: string;
  readonly externalId: string | null;
  /** IP address of the client. */
  readonly ip: string;
  readonly userLogin: string;
  /** null: it came with a session token, or logged in. */
  readonly keyLabel: string | null;
  /** Points; taken only when it succeeded. */
  readonly weight: number;
  /** null: it succeeded. */
  readonly errorCode: number | null;
  readonly errorMnemonic: string | null;
  readonly executionMs: number;
  readonly callSessionId: number | null;
  /** The request as JSON without tokens and passwords; a long one is cut and ends in `…`. */
  readonly body: string;
};

export type RequestQuery = {
  /** Wall ms of the first instant. */
  readonly from: number;
  /** Wall ms of the first instant that is not wanted any more. */
  readonly till: number;
  readonly limit: number;
  readonly offset: number;
};

export interface RequestStore {
  /** Takes one; it is written a moment later, with others. Never blocks, never throws. */
  append(request: Omit<ApiRequest, 'id'>): void;
  /** Oldest first, and how many there are in all; what was appended before is among them. */
  list(
    accountId: number,
    query: RequestQuery,
  ): Promise<{ readonly rows: readonly ApiRequest[]; readonly total: number }>;
  /** Resolves when everything appended so far is stored, or could not be. */
  flushed(): Promise<void>;
  /** Removes those from before an instant (wall ms), at most `limit`; answers how many it removed. */
  prune(before: number, limit: number): Promise<number>;
}

export type VirtualNumber = {
  readonly accountId: number;
  /** E.164 digits; unique over all accounts. */
  readonly number: string;
  readonly active: boolean;
  readonly label: string;
};

export interface NumberStore {
  list(accountId: number): Promise<readonly VirtualNumber[]>;
  find(number: string): Promise<VirtualNumber | undefined>;
  put(number: VirtualNumber): Promise<void>;
  remove(accountId: number, number: string): Promise<void>;
}

export type MediaFile = {
  readonly id: number;
  /** null: a system file, everybody's. */
  readonly accountId: number | null;
  readonly name: string;
  /** Absolute path of the file that calls play. */
  readonly path: string;
  /** SHA-256 of the file as it came, lower-case hex. */
  readonly contentHash: string;
  readonly durationMs: number;
  /** Of the file as it came; 0: not known yet. */
  readonly sizeBytes: number;
  /** Brought to the usual loudness when it was taken in. */
  readonly normalized: boolean;
  /** What the file was called before it was given `name`. */
  readonly originalName: string;
  /** What the file as it came is, when browsers play it; null: they are given the one of `path`. */
  readonly listenFormat: SoundFormat | null;
};

/** What `put` may leave out is kept, and at first 0, false, the name and null. */
export type MediaFileValues = Omit<MediaFile, 'id' | LibraryFacts> &
  Partial<Pick<MediaFile, 'id' | LibraryFacts>>;
type LibraryFacts = 'sizeBytes' | 'normalized' | 'originalName' | 'listenFormat';

export interface MediaFileStore {
  /** The account's own and the system's. */
  list(accountId: number): Promise<readonly MediaFile[]>;
  /** Only if it is the account's own or a system file. */
  find(accountId: number, id: number): Promise<MediaFile | undefined>;
  system(name: string): Promise<MediaFile | undefined>;
  /** With an id: creates or changes that one (an id of another account: throws). Without: the same name is changed. */
  put(file: MediaFileValues): Promise<MediaFile>;
  /** A new file of an account; undefined: a file of its own or of the system has the name. */
  add(accountId: number, file: Omit<MediaFile, 'id' | 'accountId'>): Promise<MediaFile | undefined>;
  /** False: another file of the account's own or of the system has the name. */
  rename(accountId: number, id: number, name: string): Promise<boolean>;
  /** False: the account has none of that id of its own. */
  remove(accountId: number, id: number): Promise<boolean>;
  /** Whoever's it is. */
  byId(id: number): Promise<MediaFile | undefined>;
  /** The library's sounds lie in this folder now: a data folder may be moved, or restored elsewhere. */
  relocate(folder: string): Promise<void>;
  /** Of every account's files and the system's: what may not be removed from the disk. */
  contentHashes(): Promise<ReadonlySet<string>>;
}

/** Keys that the installation makes for itself and shows nobody. */
export interface SecretStore {
  /** The secret of that name; `candidate` becomes it when there is none yet. */
  obtain(name: string, candidate: string): Promise<string>;
}

/** Contacts that are not called: numbers, and prefixes of numbers with `*` at their end. */
export interface BlacklistStore {
  list(accountId: number): Promise<readonly string[]>;
  /** Whether the number itself or a prefix of it is there. */
  has(accountId: number, number: string): Promise<boolean>;
  add(accountId: number, number: string): Promise<void>;
  remove(accountId: number, number: string): Promise<void>;
}

/** One input of a call, in the order it came: what recovery replays. */
export type JournalEntry = {
  readonly callSessionId: number;
  /** 0, 1, 2 ... within the call. */
  readonly sequence: number;
  /** Wall time in ms. */
  readonly at: number;
  /** As `CallInput` of calls/ has it: `order`, `leg`, `end` … */
  readonly kind: string;
  /** JSON. */
  readonly data: string;
};

/** Looks through the journals of all calls. */
export interface JournalStore {
  /** What calls that have no end were ordered, as JSON; orders from before an instant (wall ms) are left out. */
  openOrders(since: number): Promise<readonly string[]>;
  /** Removes those of ended calls whose last entry is from before an instant (wall ms), at most `limit` calls; answers how many. */
  prune(before: number, limit: number): Promise<number>;
}

export interface CallStore {
  /** The next free number for a call or a leg; never given out twice, also across restarts. */
  nextId(kind: 'call' | 'leg'): number;
  /**
   * Takes one entry; entries are written in order, those of one turn of the event loop in one
   * transaction. Never blocks and never throws into a call.
   */
  appendJournal(entry: JournalEntry): void;
  /** Resolves when everything appended so far is stored. */
  flushed(): Promise<void>;
  /** The last rows could not be written and wait in memory: no call should be begun. */
  readonly isFailing: boolean;
  journal(callSessionId: number): Promise<readonly JournalEntry[]>;
  /** Calls whose journal has no `end`: what a crash interrupted. */
  unfinished(): Promise<readonly number[]>;
  /** Queues the record of an ended call, in order with the journal. */
  saveRecord(cdr: Cdr): void;
  record(callSessionId: number): Promise<Cdr | undefined>;
  /** Newest first. */
  records(accountId: number, options: { limit: number; offset: number }): Promise<readonly Cdr[]>;
}
