import type { SessionDescription } from '../../sdp/session-description.ts';
import {
  formatSessionDescription,
  parseSessionDescription,
} from '../../sdp/session-description-text.ts';
import type { SipMessage, SipRequest } from '../message/sip-message.ts';

export const sdpType = 'application/sdp';

/** A description as it came; the text tells whether it has changed since the last one. */
export type ReceivedDescription = {
  readonly text: string;
  readonly description: SessionDescription;
};

/** `unreadable`: there is a description, but it cannot be used. */
export type BodyDescription = ReceivedDescription | 'none' | 'unreadable';

/**
 * The session description in a message: its body, or the part of a multipart body (RFC 5621). `known`:
 * one that came before, which often comes again word for word and then need not be read again.
 */
export function descriptionOf(message: SipMessage, known?: ReceivedDescription): BodyDescription {
  const text = descriptionText(message);
  if (text === undefined) return 'none';
  if (text === known?.text) return known;
  try {
    return { text, description: parseSessionDescription(text) };
  } catch {
    return 'unreadable';
  }
}

function descriptionText(message: SipMessage): string | undefined {
  if (message.body.length === 0) return undefined;
  const type = message.contentType;
  // Some gateways forget the Content-Type; what begins like a description is one.
  const body = textOf(message);
  if (type === sdpType || (type === undefined && body.startsWith('v=0'))) return body;
  return type?.startsWith('multipart/') ? descriptionPart(message, body) : undefined;
}

function descriptionPart(message: SipMessage, body: string): string | undefined {
  const header = message.headers.get('Content-Type')!;
  const boundary = /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(header);
  if (boundary === null) return undefined;
  for (const part of body.split(`--${boundary[1] ?? boundary[2]}`).slice(1)) {
    const headEnd = part.indexOf('\r\n\r\n');
    if (headEnd < 0 || !/^content-type\s*:\s*application\/sdp\b/im.test(part.slice(0, headEnd))) {
      continue;
    }
    return part.slice(headEnd + 4);
  }
  return undefined;
}

/** True when the body is of no kind we read, so that 415 is due (RFC 3261 section 8.2.3). */
export function hasForeignBody(message: SipMessage): boolean {
  if (message.body.length === 0) return false;
  const type = message.contentType;
  return type !== undefined && type !== sdpType && !type.startsWith('multipart/');
}

/**
 * Can the sender read the description that our response will carry? One without Accept can (RFC 3261
 * section 20.1), whose SDP is the default of an INVITE.
 */
export function acceptsDescription(request: SipRequest): boolean {
  if (!request.headers.has('Accept')) return true;
  return request.headers
    .values('Accept')
    .map((value) => value.split(';', 1)[0]!.trim().toLowerCase())
    .some((type) => type === sdpType || type === 'application/*' || type === '*/*');
}

export function textOf(message: SipMessage): string {
  const { body } = message;
  return Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
}

export function encodeDescription(description: SessionDescription): Uint8Array {
  return Buffer.from(formatSessionDescription(description), 'utf8');
}

/**
 * Keys that phones send in INFO: `application/dtmf-relay` with a line `Signal=5`, `application/dtmf`
 * with the key alone; keys above 9 also as numbers. undefined: no such body.
 */
export function keyOfInfo(message: SipMessage): string | undefined {
  const type = message.contentType;
  if (type !== 'application/dtmf-relay' && type !== 'application/dtmf') return undefined;
  const text = textOf(message);
  const signal = /^\s*signal\s*=\s*([0-9A-D*#]{1,2})\s*$/im.exec(text)?.[1];
  const key = (signal ?? (/^\s*([0-9A-D*#]{1,2})\s*$/i.exec(text)?.[1] || '')).toUpperCase();
  if (key.length === 1) return key;
  const numbered: Readonly<Record<string, string>> = {
    '10': '*',
    '11': '#',
    '12': 'A',
    '13': 'B',
    '14': 'C',
    '15': 'D',
  };
  return numbered[key];
}
