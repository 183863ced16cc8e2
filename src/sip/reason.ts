import type { HangupCause } from '../model/hangup-cause.ts';
import { q850OfCause } from './hangup-cause-of-status.ts';
import type { SipMessage } from './message/sip-message.ts';

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
