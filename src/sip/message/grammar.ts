import { SipParseError } from './sip-parse-error.ts';

/** Character classes of RFC 3261 section 25.1, as bits of one table. */
export const charClass = {
  token: 1,
  /** hostname and IPv4; Deviation: also `_`, which names of containers and of Windows hosts have. */
  host: 2,
  /** user and password; Deviation: also `#`, which service codes (`*21#`) come with, unescaped. */
  user: 4,
  /** pname and pvalue of a SIP URI. */
  uriParameter: 8,
  /** A header parameter's value; Deviation: wider than token / host, all that cannot end the value. */
  parameterValue: 16,
  /** Whatever may stand in a URI between `<` and `>`. */
  uri: 32,
  digit: 64,
  /** A visible ASCII character: `word` of a Call-ID has nearly all of them. */
  visible: 128,
} as const;

const classes = buildTable();

function buildTable(): Uint8Array {
  const table = new Uint8Array(128);
  const mark = (characters: string, bits: number): void => {
    for (const character of characters) table[character.charCodeAt(0)]! |= bits;
  };
  const { token, host, user, uriParameter, parameterValue, uri, digit, visible } = charClass;
  for (let code = 0x21; code < 0x7f; code++) table[code]! |= parameterValue | uri | visible;
  for (const character of '",;<>\\') table[character.charCodeAt(0)]! &= ~parameterValue;
  for (const character of '<>"\\') table[character.charCodeAt(0)]! &= ~uri;
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  const alphanumeric = `${letters}${letters.toUpperCase()}0123456789`;
  mark(alphanumeric, token | host | user | uriParameter);
  mark('0123456789', digit);
  mark("-.!%*_+`'~", token);
  mark('-._', host);
  mark("-_.!~*'()&=+$,;?/%#", user);
  mark("-_.!~*'()[]/:&+$%", uriParameter);
  return table;
}

/** Are all characters of `text` from `start` to `end` (default: all of it) of the class? True for none. */
export function isAll(text: string, bits: number, start = 0, end = text.length): boolean {
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code > 127 || (classes[code]! & bits) === 0) return false;
  }
  return true;
}

export function isToken(text: string): boolean {
  return text.length > 0 && isAll(text, charClass.token);
}

/** Index of the first character from `index` on that is not of the class; at most `end`. */
export function skipClass(text: string, bits: number, index: number, end = text.length): number {
  while (index < end) {
    const code = text.charCodeAt(index);
    if (code > 127 || (classes[code]! & bits) === 0) break;
    index++;
  }
  return index;
}

/** Index of the first character from `index` on that is neither space nor tab (folds are spaces by now). */
export function skipSpace(text: string, index: number): number {
  for (;;) {
    const code = text.charCodeAt(index);
    if (code !== 0x20 && code !== 0x09) return index;
    index++;
  }
}

/** Does the text hold CR, LF or another control character: what must never reach a header? */
export function hasControlCharacter(text: string): boolean {
  return /[\x00-\x1f\x7f]/.test(text);
}

/** A whole number of at most `highest`, blanks around it allowed; otherwise undefined. */
export function parseDigits(text: string, highest: number): number | undefined {
  const trimmed = text.trim();
  if (trimmed.length === 0 || !isAll(trimmed, charClass.digit)) return undefined;
  const value = Number(trimmed);
  return value <= highest ? value : undefined;
}

/**
 * A quoted-string that opens at `start`: its content without backslashes, and the index after the closing
 * quote; undefined when it is not closed.
 */
export function readQuoted(
  text: string,
  start: number,
): { readonly content: string; readonly end: number } | undefined {
  const close = text.indexOf('"', start + 1);
  if (close < 0) return undefined;
  const backslash = text.indexOf('\\', start + 1);
  if (backslash < 0 || backslash > close) {
    return { content: text.slice(start + 1, close), end: close + 1 };
  }
  let content = '';
  let from = start + 1;
  for (let index = backslash; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 0x22) return { content: content + text.slice(from, index), end: index + 1 };
    if (code === 0x5c) {
      content += text.slice(from, index);
      from = ++index;
    }
  }
  return undefined;
}

/** The text as a quoted-string. */
export function quote(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** Header parameters by lower-case name; `true` for one without a value. */
export type Parameters = Map<string, string | true>;

/**
 * Reads `*( SEMI generic-param )` from `start` to the end of the text. A name may come once only, as
 * section 7.3.1 demands: two tags or branches would mean different things to different readers.
 */
export function parseParameters(text: string, start: number, what: string): Parameters {
  const parameters: Parameters = new Map();
  let index = skipSpace(text, start);
  while (index < text.length) {
    if (text.charCodeAt(index) !== 0x3b) throw malformed(what, 'parameters begin with a semicolon');
    const nameStart = skipSpace(text, index + 1);
    const nameEnd = skipClass(text, charClass.token, nameStart);
    if (nameEnd === nameStart) throw malformed(what, 'a parameter has no name');
    const name = text.slice(nameStart, nameEnd).toLowerCase();
    if (parameters.has(name)) throw malformed(what, 'a parameter comes twice');
    index = skipSpace(text, nameEnd);
    if (text.charCodeAt(index) !== 0x3d) {
      parameters.set(name, true);
      continue;
    }
    const valueStart = skipSpace(text, index + 1);
    if (text.charCodeAt(valueStart) === 0x22) {
      const quoted = readQuoted(text, valueStart);
      if (quoted === undefined) throw malformed(what, 'a quote is not closed');
      parameters.set(name, quoted.content);
      index = quoted.end;
    } else {
      index = skipClass(text, charClass.parameterValue, valueStart);
      if (index === valueStart) throw malformed(what, 'a parameter has no value');
      parameters.set(name, text.slice(valueStart, index));
    }
    index = skipSpace(text, index);
  }
  return parameters;
}

/** `;name=value…`, values quoted where they are neither token nor host. */
export function formatParameters(parameters: ReadonlyMap<string, string | true>): string {
  let text = '';
  for (const [name, value] of parameters) {
    if (!isToken(name)) throw new TypeError('a parameter name is not a token');
    text += value === true ? `;${name}` : `;${name}=${formatParameterValue(value)}`;
  }
  return text;
}

export function formatParameterValue(value: string): string {
  if (isToken(value) || (value.startsWith('[') && /^\[[0-9a-fA-F:.]+\]$/.test(value))) return value;
  return quote(value);
}

/** Cuts at commas that stand neither in quotes nor in `<>`; empty pieces are left out. */
export function splitAtCommas(text: string): string[] {
  if (!text.includes(',')) {
    const only = text.trim();
    return only === '' ? [] : [only];
  }
  const pieces: string[] = [];
  let from = 0;
  while (from < text.length) {
    const end = commaFrom(text, from);
    const piece = text.slice(from, end).trim();
    if (piece !== '') pieces.push(piece);
    from = end + 1;
  }
  return pieces;
}

/** Index of the first separating comma from `start` on, or the text's length. */
export function commaFrom(text: string, start: number): number {
  let quoted = false;
  let bracketed = false;
  for (let index = start; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (quoted) {
      if (code === 0x5c) index++;
      else if (code === 0x22) quoted = false;
    } else if (code === 0x22) quoted = true;
    else if (code === 0x3c) bracketed = true;
    else if (code === 0x3e) bracketed = false;
    else if (code === 0x2c && !bracketed) return index;
  }
  return text.length;
}

/** `host`, `host:port` or `[IPv6]:port` from `start`; blanks may surround the colon (Via). */
export function readHostPort(
  text: string,
  start: number,
  what: string,
): { readonly host: string; readonly port: number | undefined; readonly end: number } {
  let end: number;
  let host: string;
  if (text.charCodeAt(start) === 0x5b) {
    const close = text.indexOf(']', start);
    host = text.slice(start + 1, close);
    end = close + 1;
    if (close < 0 || host.length > 45 || !/^[0-9a-fA-F:.]{2,}$/.test(host) || !host.includes(':')) {
      throw malformed(what, 'not an IPv6 address');
    }
  } else {
    end = skipClass(text, charClass.host, start);
    if (end === start) throw malformed(what, 'no host');
    host = text.slice(start, end);
  }
  const colon = skipSpace(text, end);
  if (text.charCodeAt(colon) !== 0x3a) return { host, port: undefined, end };
  const portStart = skipSpace(text, colon + 1);
  end = skipClass(text, charClass.digit, portStart);
  const port = end === portStart || end - portStart > 5 ? 0 : Number(text.slice(portStart, end));
  if (port < 1 || port > 65_535) throw malformed(what, 'not a port');
  return { host, port, end };
}

/** A host as a header shows it: IPv6 in brackets; throws on what is not a host. */
export function formatHost(host: string): string {
  if (host.includes(':')) {
    if (!/^[0-9a-fA-F:.]+$/.test(host)) throw new TypeError('not an IPv6 address');
    return `[${host}]`;
  }
  if (host === '' || !isAll(host, charClass.host)) throw new TypeError('not a host');
  return host;
}

export function malformed(what: string, how: string): SipParseError {
  return new SipParseError(`${what}: ${how}`, { status: 400 });
}
