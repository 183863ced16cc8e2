import { charClass, hasControlCharacter, isAll, isToken } from './grammar.ts';
import { isUsualName } from './headers.ts';
import { limits } from './parser.ts';
import type { SipMessage } from './sip-message.ts';

/**
 * The message as it goes onto the wire, with Content-Length last and in bytes. Throws TypeError on CR, LF or
 * any other control character in a name, value, URI or reason: nobody's text can add a header.
 */
export function serializeMessage(message: SipMessage): Uint8Array {
  let head = startLine(message);
  for (const [name, value] of message.headers.entries()) {
    if (!isUsualName(name) && !isToken(name)) throw new TypeError('a header name is not a token');
    if (hasControlCharacter(value)) throw new TypeError(`${name}: a control character`);
    if (!isContentLength(name)) head += `${name}: ${value}\r\n`;
  }
  head += `Content-Length: ${message.body.length}\r\n\r\n`;
  const headLength = Buffer.byteLength(head, 'utf8');
  const length = headLength + message.body.length;
  if (length > limits.messageBytes) throw new TypeError('the message is too long');
  const bytes = Buffer.allocUnsafe(length);
  bytes.write(head, 'utf8');
  bytes.set(message.body, headLength);
  return bytes;
}

function startLine(message: SipMessage): string {
  if (message.kind === 'request') {
    if (!isToken(message.method)) throw new TypeError('the method is not a token');
    const uri = message.requestUri;
    if (uri === '' || !isAll(uri, charClass.uri)) throw new TypeError('not a Request-URI');
    return `${message.method} ${uri} SIP/2.0\r\n`;
  }
  const { status, reason } = message;
  if (!Number.isInteger(status) || status < 100 || status > 699)
    throw new TypeError('not a status');
  if (hasControlCharacter(reason)) throw new TypeError('reason: a control character');
  return `SIP/2.0 ${status} ${reason}\r\n`;
}

function isContentLength(name: string): boolean {
  if (name.length === 1) return name === 'l' || name === 'L';
  return name.length === 14 && name.toLowerCase() === 'content-length';
}
