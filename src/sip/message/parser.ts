import { isToken, malformed, parseDigits } from './grammar.ts';
import { HeaderList } from './headers.ts';
import { type SipMessage, SipRequest, SipResponse } from './sip-message.ts';
import { SipParseError } from './sip-parse-error.ts';
import { looksLikeUri, parseUri } from './uri.ts';

export { SipParseError } from './sip-parse-error.ts';

/** Beyond these a packet is refused before it costs more. Bytes, lines, characters. */
export const limits = { messageBytes: 65_535, headerLines: 256, headerLength: 8_192 } as const;

const emptyLine = Buffer.from('\r\n\r\n');

/**
 * Reads one message: a whole datagram, or what a stream's Content-Length framed. The body is a view of
 * `bytes`. What comes back has exactly one well-formed From, To, Call-ID and CSeq and a well-formed topmost
 * Via, so these getters do not throw; Contact, Route and the rest are read when asked for.
 *
 * Throws SipParseError, whose `status` and `request` say how to answer.
 */
export function parseMessage(bytes: Uint8Array): SipMessage {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length > limits.messageBytes) throw new SipParseError('the message is too long');
  let start = 0;
  // Section 7.5: empty lines before the start line are ignored; alone they keep a NAT's door open.
  while (buffer[start] === 0x0d && buffer[start + 1] === 0x0a) start += 2;
  if (start >= buffer.length) throw new SipParseError('empty');
  const headEnd = buffer.indexOf(emptyLine, start);
  const head = readHead(buffer, start, headEnd < 0 ? buffer.length : headEnd);
  const { message } = head;
  try {
    if (head.problem !== undefined) throw head.problem;
    if (headEnd < 0) throw malformed('message', 'no empty line after the headers');
    check(message);
    message.body = readBody(message, buffer, headEnd + emptyLine.length);
  } catch (error) {
    if (error instanceof SipParseError) throw forSender(error, message);
    throw error;
  }
  return message;
}

/** A malformed response is dropped (section 18.1.2), and to an ACK there is no response. */
function forSender(error: SipParseError, message: SipMessage): SipParseError {
  if (message.kind === 'response' || message.method === 'ACK')
    return new SipParseError(error.message);
  return new SipParseError(error.message, { status: error.status ?? 400, request: message });
}

type Head = { readonly message: SipMessage; readonly problem: SipParseError | undefined };

/** Start line and headers; what is wrong with them is kept until the request can be answered. */
function readHead(buffer: Buffer, start: number, end: number): Head {
  const wire = buffer.toString('utf8', start, end);
  const { text, problem: controls } = hasStray(buffer, start, end)
    ? withoutControls(wire)
    : { text: wire, problem: undefined };
  const startLineEnd = lineEnd(text, 0);
  const headers = new HeaderList();
  const { message, problem } = readStartLine(text.slice(0, startLineEnd), headers);
  const lines = readHeaders(text, startLineEnd + 2, headers);
  return { message, problem: problem ?? controls ?? lines };
}

/** Any control character but tab and the CR and LF of a line end. */
const stray = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)|(?<!\r)\n/;
const everyStray = new RegExp(stray, 'g');

/**
 * Deviation: a control character may stand in a quoted-string after a backslash; here the pair is dropped,
 * so that no header, log or record ever holds one. Anywhere else it is an error, a lone CR or LF, too.
 */
function withoutControls(text: string): { text: string; problem: SipParseError | undefined } {
  const clean = withoutTabs(text).replace(/\\\\|\\[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]/g, (pair) =>
    pair === '\\\\' ? pair : '',
  );
  if (!stray.test(clean)) return { text: clean, problem: undefined };
  return {
    text: clean.replace(everyStray, ' '),
    problem: malformed('message', 'a control character'),
  };
}

/** A tab is a blank like any other in a header, but not in a start line. */
function withoutTabs(text: string): string {
  const end = lineEnd(text, 0);
  return text.slice(0, end) + text.slice(end).replaceAll('\t', ' ');
}

/** As `stray` and tabs, on the bytes: every message passes here, and a regex takes twice the time. */
function hasStray(bytes: Uint8Array, start: number, end: number): boolean {
  for (let index = start; index < end; index++) {
    const byte = bytes[index]!;
    if (byte >= 0x20 && byte !== 0x7f) continue;
    if (byte !== 0x0d || index + 1 >= end || bytes[index + 1] !== 0x0a) return true;
    index++;
  }
  return false;
}

function readStartLine(line: string, headers: HeaderList): Head {
  return line.startsWith('SIP/') ? readStatusLine(line, headers) : readRequestLine(line, headers);
}

/** `SIP/2.0 SP 3DIGIT SP reason`; the last space is forgotten by some who have no reason to give. */
function readStatusLine(line: string, headers: HeaderList): Head {
  const status = Number(line.slice(8, 11));
  const wellFormed =
    line.startsWith('SIP/2.0 ') &&
    /^[1-6]\d\d$/.test(line.slice(8, 11)) &&
    (line.length === 11 || line.charCodeAt(11) === 0x20);
  if (!wellFormed) throw new SipParseError('not a status line');
  return {
    message: new SipResponse({ status, reason: line.slice(12).replaceAll('\t', ' '), headers }),
    problem: undefined,
  };
}

/** `Method SP Request-URI SP SIP/2.0`, with exactly these spaces. */
function readRequestLine(line: string, headers: HeaderList): Head {
  const trimmed = line.trimEnd();
  const first = trimmed.indexOf(' ');
  const last = trimmed.lastIndexOf(' ');
  const method = line.slice(0, Math.max(first, 0));
  const version = trimmed.slice(last + 1).toUpperCase();
  // Without these it is not a request with a fault, but something that is not SIP.
  if (last <= first || !isToken(method) || !/^SIP\/\d{1,4}\.\d{1,4}$/.test(version)) {
    throw new SipParseError('not a request line');
  }
  const requestUri = trimmed.slice(first + 1, last);
  const message = new SipRequest({ method, requestUri, headers });
  if (version !== 'SIP/2.0') {
    return { message, problem: new SipParseError('not SIP/2.0', { status: 505 }) };
  }
  const wellFormed = trimmed.length === line.length && looksLikeUri(requestUri);
  const problem = wellFormed ? undefined : malformed('request line', 'not a URI');
  return { message, problem };
}

/** Reads the header lines from `start` to the end, folded ones joined (section 7.3.1). */
function readHeaders(text: string, start: number, headers: HeaderList): SipParseError | undefined {
  let index = start;
  while (index < text.length) {
    const colon = text.indexOf(':', index);
    let end = lineEnd(text, index);
    if (colon < 0 || colon > end) return malformed('header', 'no colon');
    let nameEnd = colon;
    while (isBlank(text.charCodeAt(nameEnd - 1))) nameEnd--;
    const name = text.slice(index, nameEnd);
    let value = trimmed(text, colon + 1, end);
    while (isBlank(text.charCodeAt(end + 2))) {
      const from = end + 2;
      end = lineEnd(text, from);
      const more = trimmed(text, from, end);
      value = value === '' || more === '' ? value + more : `${value} ${more}`;
    }
    if (end - index > limits.headerLength) return malformed('header', 'too long');
    if (headers.length === limits.headerLines) return malformed('header', 'too many of them');
    if (!headers.addRead(name, value)) return malformed('header', 'the name is not a token');
    index = end + 2;
  }
  return undefined;
}

/** Every CR is followed by LF by now. */
function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\r', start);
  return end < 0 ? text.length : end;
}

function trimmed(text: string, start: number, end: number): string {
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

const onceAtMost = ['From', 'To', 'Call-ID', 'CSeq', 'Max-Forwards', 'Content-Type'];

/** What every message must have before anybody acts on it: section 8.1.1. */
function check(message: SipMessage): void {
  const repeated = message.headers.firstRepeated(onceAtMost);
  if (repeated !== undefined) throw malformed(repeated, 'more than one');
  const { topVia, from, to, sipCallId, cseq } = message;
  void [topVia, from, to, sipCallId];
  if (message.kind === 'response') return;
  if (cseq.method !== message.method) throw malformed('CSeq', 'of another method');
  checkRequestUri(message.requestUri);
}

/** A scheme we do not know is for the user agent to refuse (416), headers in a Request-URI are a fault. */
function checkRequestUri(text: string): void {
  try {
    if (parseUri(text).headers !== undefined) throw malformed('Request-URI', 'it has headers');
  } catch (error) {
    if (error instanceof SipParseError && error.status === 416) return;
    throw error;
  }
}

/** Section 18.3: in bytes; more than announced is cut off, less is an error, none announced is all. */
function readBody(message: SipMessage, buffer: Buffer, start: number): Uint8Array {
  const announced = message.headers.all('Content-Length');
  if (announced.length === 0) return buffer.subarray(start);
  const lengths = new Set(announced.map((value) => parseDigits(value, limits.messageBytes)));
  const [length] = lengths;
  if (lengths.size > 1) throw malformed('Content-Length', 'two that differ');
  if (length === undefined) throw malformed('Content-Length', 'not a number of bytes');
  if (start + length > buffer.length) throw malformed('Content-Length', 'the body is shorter');
  return buffer.subarray(start, start + length);
}
