export type AddressRecord = { readonly address: string; readonly ttlSeconds: number };

/** RFC 2782. */
export type SrvRecord = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  /** `.`: the service is decidedly not there. */
  readonly name: string;
};

/** RFC 3403. */
export type NaptrRecord = {
  readonly order: number;
  readonly preference: number;
  readonly flags: string;
  readonly service: string;
  readonly regexp: string;
  readonly replacement: string;
};

/** What is asked of the DNS: an empty list when there is no such record, rejected when nobody could say. */
export interface Dns {
  naptr(name: string): Promise<readonly NaptrRecord[]>;
  srv(name: string): Promise<readonly SrvRecord[]>;
  addresses(name: string, family: 4 | 6): Promise<readonly AddressRecord[]>;
  /** Questions under way are dropped. */
  close?(): void;
}
