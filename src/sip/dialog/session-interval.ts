import { parseDigits } from '../message/grammar.ts';
import type { SipMessage, SipRequest } from '../message/sip-message.ts';
import type { HeaderLine } from './session-host.ts';

/** Who repeats the session: the sender of the request that was answered, or its receiver. */
export type Refresher = 'uac' | 'uas';

/** How long a session lives without a refresh, in seconds, and whose job that is: RFC 4028. */
export type SessionAgreement = { readonly seconds: number; readonly refresher: Refresher };

/** RFC 4028 section 4: no shorter interval may be asked for. */
export const leastSessionExpires = 90;
/** What section 4 recommends. */
export const defaultSessionExpires = 1_800;
/** No call lasts so long, and a timer can still count it. */
const longest = 1_000_000;
/** Deviation: a peer that answers with less than it may is followed down to this, not into a storm. */
const briefest = 10;

/** The Session-Expires header; undefined: none, or one that cannot be read. */
export function readSessionExpires(
  message: SipMessage,
): { readonly seconds: number; readonly refresher?: Refresher } | undefined {
  const [value = '', ...params] = (message.headers.get('Session-Expires') ?? '').split(';');
  const seconds = parseDigits(value, Number.MAX_SAFE_INTEGER);
  if (seconds === undefined) return undefined;
  const named = params
    .map((param) => /^\s*refresher\s*=\s*(ua[cs])\s*$/i.exec(param)?.[1]?.toLowerCase())
    .find((name) => name !== undefined);
  const limited = Math.min(seconds, longest);
  return named === undefined
    ? { seconds: limited }
    : { seconds: limited, refresher: named as Refresher };
}

export function readMinSe({ headers }: SipMessage): number {
  const value = (headers.get('Min-SE') ?? '').split(';', 1)[0]!;
  return Math.max(leastSessionExpires, parseDigits(value, longest) ?? 0);
}

export function formatSessionExpires({ seconds, refresher }: SessionAgreement): HeaderLine {
  return ['Session-Expires', `${seconds};refresher=${refresher}`];
}

/**
 * What we answer to a request that begins or refreshes a session: section 9 with its table 2. `ours`:
 * seconds we would ask for. `preferred`: the refresher when the request names none. undefined: the session
 * does not expire; `tooBrief`: 422 is due.
 */
export function agreeOnSession(
  request: SipRequest,
  ours: number,
  preferred: Refresher = 'uac',
): SessionAgreement | 'tooBrief' | undefined {
  const knowsTimer = supportsTimer(request);
  const asked = readSessionExpires(request);
  const least = Math.max(ours, readMinSe(request));
  if (asked === undefined) {
    return knowsTimer ? { seconds: least, refresher: preferred } : undefined;
  }
  // A proxy asked in the name of a caller that knows nothing of it: the refresher can only be us.
  if (!knowsTimer) {
    return { seconds: Math.max(briefest, Math.min(asked.seconds, least)), refresher: 'uas' };
  }
  if (asked.seconds < leastSessionExpires) return 'tooBrief';
  return {
    seconds: Math.min(asked.seconds, least),
    refresher: asked.refresher ?? preferred,
  };
}

/** What the 2xx to a request of ours says: section 7.2; undefined: the session does not expire. */
export function agreedByAnswer(response: SipMessage): SessionAgreement | undefined {
  const given = readSessionExpires(response);
  if (given === undefined) return undefined;
  return { seconds: Math.max(briefest, given.seconds), refresher: given.refresher ?? 'uac' };
}

function supportsTimer({ headers }: SipRequest): boolean {
  return [...headers.values('Supported'), ...headers.values('Require')].some(
    (tag) => tag.toLowerCase() === 'timer',
  );
}

/** What we ask for when we begin a session: RFC 4028 section 7.1. `expires` 0: nothing. */
export class SessionWish {
  #expires: number;
  #minSe = leastSessionExpires;
  #raised = 0;

  constructor(expires: number) {
    this.#expires = expires;
  }

  get expires(): number {
    return this.#expires;
  }

  headers(agreed?: SessionAgreement): HeaderLine[] {
    if (this.#expires === 0) return [];
    const expires: HeaderLine =
      agreed === undefined
        ? ['Session-Expires', `${this.#expires}`]
        : formatSessionExpires({ ...agreed, seconds: Math.max(agreed.seconds, this.#minSe) });
    return [expires, ['Min-SE', `${this.#minSe}`]];
  }

  /** Takes the Min-SE of a 422; false: it asks for nothing that we could still give (section 7.3). */
  raise(response: SipMessage): boolean {
    const minSe = readMinSe(response);
    if (this.#expires === 0 || minSe <= this.#minSe || this.#raised >= mostRaises) return false;
    this.#raised++;
    this.#minSe = minSe;
    this.#expires = Math.max(this.#expires, minSe);
    return true;
  }
}

/** Each proxy on the way may want more than the one before. */
const mostRaises = 5;
