import {
  charClass,
  formatHost,
  isAll,
  isToken,
  malformed,
  type Parameters,
  readHostPort,
  skipClass,
} from './grammar.ts';
import { SipParseError } from './sip-parse-error.ts';

/** A SIP, SIPS (RFC 3261 section 19.1) or tel URI (RFC 3966), in its parts. */
export type SipUri = {
  scheme: 'sip' | 'sips' | 'tel';
  /** As written: escapes are not resolved (`unescapeUser` does). Of a tel URI the number. */
  user?: string;
  password?: string;
  /** IPv6 without brackets. Empty for tel. */
  host: string;
  port?: number;
  /** By lower-case name, values as written. */
  params: Parameters;
  /** What follows `?`, as written. */
  headers?: string;
};

/** Reads a URI; throws SipParseError, with status 416 when its scheme is none of ours. */
export function parseUri(text: string): SipUri {
  const colon = text.indexOf(':');
  if (colon < 1) throw malformed('URI', 'no scheme');
  const scheme = text.slice(0, colon).toLowerCase();
  if (scheme === 'tel') return parseTelUri(text, colon + 1);
  if (scheme !== 'sip' && scheme !== 'sips') {
    throw new SipParseError('URI: scheme not supported', { status: 416 });
  }
  const uri: SipUri = { scheme, host: '', params: new Map() };
  let index = colon + 1;
  const at = text.indexOf('@', index);
  if (at >= 0) {
    readUserInfo(text, index, at, uri);
    index = at + 1;
  }
  const { host, port, end } = readHostPort(text, index, 'URI');
  uri.host = host;
  if (port !== undefined) uri.port = port;
  index = readUriParameters(text, end, uri.params);
  if (text.charCodeAt(index) === 0x3f) {
    const headers = text.slice(index + 1);
    if (headers === '' || !isAll(headers, charClass.uri)) throw malformed('URI', 'bad headers');
    uri.headers = headers;
    index = text.length;
  }
  if (index < text.length) throw malformed('URI', 'unexpected character');
  return uri;
}

function parseTelUri(text: string, start: number): SipUri {
  const uri: SipUri = { scheme: 'tel', host: '', params: new Map() };
  const semicolon = text.indexOf(';', start);
  const end = semicolon < 0 ? text.length : semicolon;
  uri.user = text.slice(start, end);
  if (!/^[0-9A-Fa-f+*#().-]+$/.test(uri.user)) throw malformed('URI', 'not a telephone number');
  if (readUriParameters(text, end, uri.params) < text.length) {
    throw malformed('URI', 'unexpected character');
  }
  return uri;
}

function readUserInfo(text: string, start: number, at: number, uri: SipUri): void {
  const colon = text.indexOf(':', start);
  const userEnd = colon >= 0 && colon < at ? colon : at;
  if (userEnd === start || !isAll(text, charClass.user, start, userEnd)) {
    throw malformed('URI', 'bad user');
  }
  uri.user = text.slice(start, userEnd);
  if (userEnd === at) return;
  if (!isAll(text, charClass.user, userEnd + 1, at)) throw malformed('URI', 'bad password');
  uri.password = text.slice(userEnd + 1, at);
}

function readUriParameters(text: string, start: number, params: Parameters): number {
  let index = start;
  while (text.charCodeAt(index) === 0x3b) {
    const nameEnd = skipClass(text, charClass.uriParameter, index + 1);
    if (nameEnd === index + 1) throw malformed('URI', 'a parameter has no name');
    const name = text.slice(index + 1, nameEnd).toLowerCase();
    if (params.has(name)) throw malformed('URI', 'a parameter comes twice');
    index = nameEnd;
    if (text.charCodeAt(index) === 0x3d) {
      index = skipClass(text, charClass.uriParameter, nameEnd + 1);
      if (index === nameEnd + 1) throw malformed('URI', 'a parameter has no value');
      params.set(name, text.slice(nameEnd + 1, index));
    } else params.set(name, true);
  }
  return index;
}

/** The URI as text. A user part with characters that may not stand there is escaped. */
export function formatUri(uri: SipUri): string {
  let text = `${uri.scheme}:`;
  if (uri.scheme === 'tel') text += escapeWhereNeeded(uri.user ?? '');
  else {
    if (uri.user !== undefined) {
      text += escapeWhereNeeded(uri.user);
      if (uri.password !== undefined) text += `:${escapeWhereNeeded(uri.password)}`;
      text += '@';
    }
    text += formatHost(uri.host);
    if (uri.port !== undefined) text += `:${uri.port}`;
  }
  for (const [name, value] of uri.params) {
    if (!isUriParameter(name) || (value !== true && !isUriParameter(value))) {
      throw new TypeError('not a URI parameter');
    }
    text += value === true ? `;${name}` : `;${name}=${value}`;
  }
  if (uri.headers === undefined) return text;
  if (!isAll(uri.headers, charClass.uri)) throw new TypeError('bad URI headers');
  return `${text}?${uri.headers}`;
}

function isUriParameter(text: string): boolean {
  return text !== '' && isAll(text, charClass.uriParameter);
}

/** Text (a number, a login) as the user part of a URI: all that may not stand there becomes %HH. */
export function escapeUser(text: string): string {
  return isAll(text, charClass.user) && !/[%#]/.test(text) ? text : percentEncode(text);
}

/** As `escapeUser`, but escapes that are there already stay. */
function escapeWhereNeeded(text: string): string {
  if (isAll(text, charClass.user)) return text;
  return text
    .split(/(%[0-9A-Fa-f]{2})/)
    .map((part, index) => (index % 2 === 1 ? part : percentEncode(part)))
    .join('');
}

function percentEncode(text: string): string {
  let escaped = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    escaped +=
      isAll(character, charClass.user) && character !== '%' && character !== '#'
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

/** Resolves %HH. The result may hold any character: never put it into a header as it is. */
export function unescapeUser(user: string): string {
  if (!user.includes('%')) return user;
  try {
    return decodeURIComponent(user);
  } catch {
    return user;
  }
}

/** These make URIs different when only one of them has it: RFC 3261 section 19.1.4. */
const decisiveParameters = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Are they the same by the rules of RFC 3261 section 19.1.4 (for tel: RFC 3966 section 5)? */
export function sameUri(a: SipUri, b: SipUri): boolean {
  if (a.scheme !== b.scheme) return false;
  if (a.scheme === 'tel') return sameNumber(a.user, b.user) && sameParameters(a.params, b.params);
  return (
    normalEscapes(a.user) === normalEscapes(b.user) &&
    normalEscapes(a.password) === normalEscapes(b.password) &&
    a.host.toLowerCase() === b.host.toLowerCase() &&
    a.port === b.port &&
    sameParameters(a.params, b.params) &&
    sameHeaders(a.headers, b.headers)
  );
}

function sameNumber(a: string | undefined, b: string | undefined): boolean {
  const digits = (text = ''): string => text.replace(/[-.()]/g, '').toLowerCase();
  return digits(a) === digits(b);
}

function sameParameters(a: Parameters, b: Parameters): boolean {
  for (const name of decisiveParameters) if (a.has(name) !== b.has(name)) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other === undefined) continue;
    if (normalEscapes(String(value))?.toLowerCase() !== normalEscapes(String(other))?.toLowerCase())
      return false;
  }
  return true;
}

function sameHeaders(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const normal = (text: string): string =>
    text
      .split('&')
      .map((header) => {
        const [name = '', ...value] = header.split('=');
        return `${name.toLowerCase()}=${normalEscapes(value.join('='))}`;
      })
      .sort()
      .join('&');
  return normal(a) === normal(b);
}

/** Escapes of characters that need none are resolved, others get upper-case digits. */
function normalEscapes(text: string | undefined): string | undefined {
  if (text === undefined || !text.includes('%')) return text;
  return text.replace(/%[0-9A-Fa-f]{2}/g, (octet) => {
    const character = String.fromCharCode(Number.parseInt(octet.slice(1), 16));
    return /[A-Za-z0-9\-_.!~*'()]/.test(character) ? character : octet.toUpperCase();
  });
}

/** Is the text a URI of any scheme (`scheme:…`, only characters that may stand in one)? */
export function looksLikeUri(text: string): boolean {
  const colon = text.indexOf(':');
  return (
    colon > 0 &&
    colon + 1 < text.length &&
    isToken(text.slice(0, colon)) &&
    isAll(text, charClass.uri, colon + 1)
  );
}
