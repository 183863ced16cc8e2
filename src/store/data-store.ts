import type { ListQuery, ListRow } from './list-query.ts';

/** A virtual number with what the Data API tells of it. */
export type NumberCard = {
  readonly id: number;
  readonly number: string;
  readonly active: boolean;
  readonly label: string;
  readonly comment: string | null;
  /** Unix seconds; null: it was put in by configuration. */
  readonly activatedAt: number | null;
};

export interface NumberCardStore {
  list(accountId: number): Promise<readonly NumberCard[]>;
  /** Notes of a number that is there. */
  note(
    number: string,
    notes: { comment: string | null; activatedAt: number | null },
  ): Promise<void>;
}

/** A blacklisted number, or prefix with `*` at its end, and who added it. */
export type BlacklistCard = {
  readonly id: number;
  readonly number: string;
  readonly userName: string | null;
  readonly comment: string | null;
  /** Unix seconds; null: it was put in by configuration. */
  readonly addedAt: number | null;
};

export interface BlacklistCardStore {
  list(accountId: number): Promise<readonly BlacklistCard[]>;
  /** undefined: the number is there already. */
  add(accountId: number, card: Omit<BlacklistCard, 'id'>): Promise<BlacklistCard | undefined>;
  /** False: there is none of that id. */
  remove(accountId: number, id: number): Promise<boolean>;
}

export type Tag = {
  readonly id: number;
  readonly name: string;
  /** Comes with the installation and is not deleted. */
  readonly isSystem: boolean;
};

/** Who put a tag on a call. */
export type CallTagging = {
  readonly callSessionId: number;
  readonly tagId: number;
  readonly userId: number;
  readonly userLogin: string;
  /** Unix seconds. */
  readonly changedAt: number;
};

export interface TagStore {
  list(accountId: number): Promise<readonly Tag[]>;
  find(accountId: number, id: number): Promise<Tag | undefined>;
  /** undefined: the name is taken. */
  add(accountId: number, tag: Omit<Tag, 'id'>): Promise<Tag | undefined>;
  /** False: the name is taken. */
  rename(accountId: number, id: number, name: string): Promise<boolean>;
  /** Takes it off every call too. */
  remove(accountId: number, id: number): Promise<void>;
  /** The session id of an ended call of the account: by that id, or the latest of an external id. */
  endedCall(
    accountId: number,
    by: { readonly id: number } | { readonly externalId: string },
  ): Promise<number | undefined>;
  /** False: the call has it already. */
  putOnCall(tagging: CallTagging): Promise<boolean>;
  /** False: the call does not have it. */
  takeOffCall(callSessionId: number, tagId: number): Promise<boolean>;
}

export type Employee = {
  readonly id: number;
  readonly login: string | null;
  readonly firstName: string;
  readonly lastName: string;
  readonly patronymic: string | null;
  readonly email: string | null;
  /** At most five digits. */
  readonly extension: string | null;
};

export interface EmployeeStore {
  list(accountId: number): Promise<readonly Employee[]>;
  find(accountId: number, id: number): Promise<Employee | undefined>;
  add(accountId: number, employee: Omit<Employee, 'id'>): Promise<Employee>;
  update(accountId: number, employee: Employee): Promise<void>;
  remove(accountId: number, id: number): Promise<void>;
}

/**
 * What is kept of a password, as a registrar compares it (RFC 7616 section 3.4.2, RFC 8760): the digests
 * of `phone number:realm:password` in lower-case hex, the realm of model/registration.ts.
 */
export type SipDigests = { readonly MD5: string; readonly 'SHA-256': string };

/** The number and login of an employee's SIP phone. */
export type SipLine = {
  readonly id: number;
  readonly employeeId: number;
  /** `0` and six digits, so that it is never a number of the telephone network; unique over all accounts. */
  readonly phoneNumber: string;
  readonly digests: SipDigests;
  /** Shown by its outgoing calls; null: it only takes calls. */
  readonly virtualNumber: string | null;
  readonly channelsCount: number;
  /** Seconds of ringing. */
  readonly dialTime: number;
  readonly billingState: 'active' | 'manual_lock' | 'limit_lock';
  readonly active: boolean;
};

export interface SipLineStore {
  list(accountId: number): Promise<readonly SipLine[]>;
  find(accountId: number, id: number): Promise<SipLine | undefined>;
  byPhoneNumber(phoneNumber: string): Promise<(SipLine & { accountId: number }) | undefined>;
  /** undefined: the number is taken. */
  add(accountId: number, line: Omit<SipLine, 'id'>): Promise<SipLine | undefined>;
  update(accountId: number, line: SipLine): Promise<void>;
  remove(accountId: number, id: number): Promise<void>;
}

/** From the first to the last second, both included, in Unix seconds. */
export type Interval = { readonly from: number; readonly till: number };

export type ReportPage = { readonly rows: readonly ListRow[]; readonly total: number };

/** What one report is asked for. Unsorted rows come in the order of their start, equal ones in that of their ids. */
export type ReportQuery = {
  readonly accountId: number;
  /** Of the start of the call, leg or request. */
  readonly interval: Interval;
  readonly query: ListQuery;
  /** Only these are looked up. */
  readonly fields: readonly string[];
};

/** Pages of tables that grow without end; rows and filters have the Data API's field names. */
export interface ReportStore {
  calls(query: ReportQuery): Promise<ReportPage>;
  legs(query: ReportQuery): Promise<ReportPage>;
  /** Requests of the API, those that still wait to be written left out: flush them first. */
  requests(query: ReportQuery): Promise<ReportPage>;
}
