import {
  charClass,
  formatParameters,
  formatParameterValue,
  isAll,
  malformed,
  type Parameters,
  parseParameters,
  quote,
  readQuoted,
  skipSpace,
} from './grammar.ts';
import { looksLikeUri } from './uri.ts';

/** What From, To, Contact, Route and Record-Route hold: RFC 3261 section 20.10. */
export type NameAddr = {
  /** Without quotes and backslashes. */
  displayName?: string;
  /** As written, of any scheme; `*` of a Contact. Read it with `parseUri`. */
  uri: string;
  /** Header parameters, the tag among them, by lower-case name. */
  params: Parameters;
  /** The tag parameter: which side of which dialog (section 19.3). */
  readonly tag?: string | undefined;
};

/** Reads one such value; throws SipParseError. `what` names the header in the error. */
export function parseNameAddr(text: string, what = 'address'): NameAddr {
  const start = skipSpace(text, 0);
  let open: number;
  let displayName: string | undefined;
  if (text.charCodeAt(start) === 0x22) {
    const quoted = readQuoted(text, start);
    if (quoted === undefined) throw malformed(what, 'a quote is not closed');
    displayName = quoted.content;
    open = skipSpace(text, quoted.end);
    if (text.charCodeAt(open) !== 0x3c) throw malformed(what, 'no < after the display name');
  } else {
    open = text.indexOf('<', start);
    if (open < 0) return parseAddrSpec(text, start, what);
    if (open > start) displayName = readPlainName(text.slice(start, open), what);
  }
  const close = text.indexOf('>', open);
  if (close < 0) throw malformed(what, 'no >');
  const uri = text.slice(open + 1, close);
  if (!looksLikeUri(uri)) throw malformed(what, 'not a URI');
  return nameAddr(displayName, uri, parseParameters(text, close + 1, what));
}

/**
 * Deviation: an unquoted display name need not be tokens; names in Cyrillic or with commas and dots come
 * unquoted from many exchanges, and up to `<` nothing else can be meant.
 */
function readPlainName(text: string, what: string): string | undefined {
  const name = text.trim();
  if (/[">]/.test(name)) throw malformed(what, 'a stray quote');
  return name === '' ? undefined : name;
}

/** Without `<>` what follows `;` belongs to the header, and `?` and `,` may not stand in the URI. */
function parseAddrSpec(text: string, start: number, what: string): NameAddr {
  const semicolon = text.indexOf(';', start);
  const uri = text.slice(start, semicolon < 0 ? text.length : semicolon).trim();
  const parametersAt = semicolon < 0 ? text.length : semicolon;
  if (uri !== '*' && (!looksLikeUri(uri) || /[?,]/.test(uri))) throw malformed(what, 'not a URI');
  return nameAddr(undefined, uri, parseParameters(text, parametersAt, what));
}

function nameAddr(displayName: string | undefined, uri: string, params: Parameters): NameAddr {
  const tag = params.get('tag');
  const value: NameAddr = { uri, params, tag: typeof tag === 'string' ? tag : undefined };
  if (displayName !== undefined) value.displayName = displayName;
  return value;
}

/** `"Name" <uri>;tag=…;…`. The tag of `params` is used before the field's. */
export function formatNameAddr(value: NameAddr): string {
  if (value.uri === '*') return '*';
  if (!isAll(value.uri, charClass.uri)) throw new TypeError('not a URI');
  const name = value.displayName === undefined ? '' : `${quote(value.displayName)} `;
  const tag =
    value.tag !== undefined && !value.params.has('tag')
      ? `;tag=${formatParameterValue(value.tag)}`
      : '';
  return `${name}<${value.uri}>${tag}${formatParameters(value.params)}`;
}
