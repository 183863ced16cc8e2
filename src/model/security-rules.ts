/** Where a number lies as seen from an account: spec/call-api.md section 10. */
export type Direction = 'mobile' | 'long_distance' | 'international';

/** What an account's calls may ring, and how much of it. Stored per account; docs/operating/security.md. */
export type SecurityRules = {
  /** ISO 3166-1 alpha-2: numbers of every other country are international. */
  readonly homeCountry: string;
  /** The directions that may be called. */
  readonly directions: { readonly [name in Direction]: boolean };
  /** E.164 digits: exceptions from the directions and from the shipped table; the longest match decides. */
  readonly allowedPrefixes: readonly string[];
  readonly deniedPrefixes: readonly string[];
  readonly limits: CallingLimits;
};

/** null: no limit. */
export type CallingLimits = {
  readonly simultaneousCalls: number | null;
  /** Calls begun within any 60 s. */
  readonly callsPerMinutePerContact: number | null;
  readonly callsPerMinutePerOperator: number | null;
  /** Calls of which the contact or the operator begins with the same `prefixLength` digits. */
  readonly callsPerMinutePerPrefix: number | null;
  readonly prefixLength: number;
  /** Minutes of answered legs between two midnights of the account's time zone. */
  readonly minutesPerDay: number | null;
};

/** What is to be changed of an account's rules: what is left out stays. */
export type SecurityChange = {
  readonly [Key in Exclude<keyof SecurityRules, 'directions' | 'limits'>]?: SecurityRules[Key];
} & {
  readonly directions?: Partial<SecurityRules['directions']>;
  readonly limits?: Partial<CallingLimits>;
};

export function changeSecurity(rules: SecurityRules, change: SecurityChange): SecurityRules {
  return {
    ...rules,
    ...change,
    directions: { ...rules.directions, ...change.directions },
    limits: { ...rules.limits, ...change.limits },
  };
}

/** What holds for an account that nothing was set for. */
export const defaultSecurityRules: SecurityRules = {
  homeCountry: 'RU',
  directions: { mobile: true, long_distance: true, international: false },
  allowedPrefixes: [],
  deniedPrefixes: [],
  limits: {
    simultaneousCalls: null,
    callsPerMinutePerContact: null,
    callsPerMinutePerOperator: null,
    callsPerMinutePerPrefix: null,
    prefixLength: 7,
    minutesPerDay: null,
  },
};
