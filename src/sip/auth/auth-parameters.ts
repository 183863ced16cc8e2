import { charClass, malformed, readQuoted, skipClass, skipSpace } from '../message/grammar.ts';

/**
 * Reads `scheme name=value, name="value", …` (RFC 3261 section 25.1, challenge and credentials) into a map by
 * lower-case name; throws SipParseError, also for another scheme. A name may come once only: two nonces
 * would mean different things to different readers.
 */
export function parseAuthParameters(text: string, scheme: string): Map<string, string> {
  const start = skipSpace(text, 0);
  const schemeEnd = skipClass(text, charClass.token, start);
  if (text.slice(start, schemeEnd).toLowerCase() !== scheme.toLowerCase()) {
    throw malformed('credentials', 'another scheme');
  }
  const params = new Map<string, string>();
  let index = skipSpace(text, schemeEnd);
  while (index < text.length) {
    // Stray commas at the end or between are common and harmless.
    if (text.charCodeAt(index) === 0x2c) {
      index = skipSpace(text, index + 1);
      continue;
    }
    const { name, value, end } = readParameter(text, index);
    if (params.has(name)) throw malformed('credentials', 'a parameter comes twice');
    params.set(name, value);
    index = skipSpace(text, end);
    if (index < text.length && text.charCodeAt(index) !== 0x2c) {
      throw malformed('credentials', 'no comma between parameters');
    }
  }
  return params;
}

function readParameter(
  text: string,
  start: number,
): { readonly name: string; readonly value: string; readonly end: number } {
  const nameEnd = skipClass(text, charClass.token, start);
  const equals = skipSpace(text, nameEnd);
  if (nameEnd === start || text.charCodeAt(equals) !== 0x3d) {
    throw malformed('credentials', 'not a parameter');
  }
  const name = text.slice(start, nameEnd).toLowerCase();
  const valueStart = skipSpace(text, equals + 1);
  if (text.charCodeAt(valueStart) === 0x22) {
    const quoted = readQuoted(text, valueStart);
    if (quoted === undefined) throw malformed('credentials', 'a quote is not closed');
    return { name, value: quoted.content, end: quoted.end };
  }
  const end = skipClass(text, charClass.parameterValue, valueStart);
  if (end === valueStart) throw malformed('credentials', 'a parameter has no value');
  return { name, value: text.slice(valueStart, end), end };
}
