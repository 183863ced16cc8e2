/** The realm of this server's own SIP phones: the digests of their passwords are made with it. */
export const registrationRealm = 'dozvon';

/** How phones may prove their password, the strongest first: RFC 8760. */
export const digestAlgorithms = ['SHA-256', 'MD5'] as const;
export type DigestAlgorithm = (typeof digestAlgorithms)[number];

/** A phone that is registered for a SIP line. */
export type Terminal = {
  /** IP address it registered from. */
  readonly ip: string;
  /** Wall ms of its latest REGISTER. */
  readonly registeredAt: number;
};

/** Which SIP lines are registered now: what a registrar (RFC 3261 section 10.3) tells the Data API. */
export interface SipLineStates {
  /** Of a line by its phone number; empty: the line is not registered. */
  terminals(phoneNumber: string): readonly Terminal[];
  /** The line is gone, locked, or has another password: whoever is registered for it must prove itself anew. */
  forget(phoneNumber: string): void;
}

/** Of a server without a registrar. */
export const noRegistrations: SipLineStates = { terminals: () => [], forget: () => {} };
