import type { HangupCause } from '../model/hangup-cause.ts';
import { hangupCauseOfStatus, q850OfCause } from './hangup-cause-of-status.ts';
import { parseDigits } from './message/grammar.ts';
import type { SipMessage, SipResponse } from './message/sip-message.ts';

/** The Reason header (RFC 3326) of a BYE or CANCEL that we send. */
export function formatReason(cause: HangupCause): string {
  // Section 3.1: the phone shows no missed call.
  if (cause.type === 'answeredElsewhere') return 'SIP;cause=200;text="Call completed elsewhere"';
  return `Q.850;cause=${q850OfCause(cause)}`;
}

/** The Q.850 cause of a message's Reason header, when it has one. */
export function readQ850(message: SipMessage): number | undefined {
  if (!message.headers.has('Reason')) return undefined;
  for (const value of message.headers.values('Reason')) {
    const match = /^\s*Q\.850\s*;(?:.*;)?\s*cause\s*=\s*(\d{1,3})/i.exec(value);
    if (match !== null) return Number(match[1]);
  }
  return undefined;
}

/** Nobody is told to wait longer, and a clock can still count it. */
const longestRetrySeconds = 86_400;

/** Milliseconds of a Retry-After header (RFC 3261 section 20.33), whose comment and parameters are left out. */
export function readRetryAfterMs(message: SipMessage): number | undefined {
  const value = /^\s*(\d{1,15})\s*(?:[(;]|$)/.exec(message.headers.get('Retry-After') ?? '')?.[1];
  const seconds = parseDigits(value ?? '', Number.MAX_SAFE_INTEGER);
  return seconds === undefined ? undefined : 1_000 * Math.min(seconds, longestRetrySeconds);
}

/**
 * Why a leg was not reached, from the final response to its INVITE. `earlierQ850`: of a provisional one,
 * where some gateways say why while they play an announcement (RFC 3398 section 8.2.3).
 */
export function hangupCauseOfResponse(response: SipResponse, earlierQ850?: number): HangupCause {
  return hangupCauseOfStatus(response.status, {
    q850: readQ850(response) ?? earlierQ850,
    retryAfterMs: readRetryAfterMs(response),
  });
}
