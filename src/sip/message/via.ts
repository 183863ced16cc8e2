import {
  charClass,
  formatHost,
  formatParameters,
  formatParameterValue,
  isToken,
  malformed,
  type Parameters,
  parseParameters,
  readHostPort,
  skipClass,
  skipSpace,
} from './grammar.ts';

/** One hop that a request came over, and where its responses go: RFC 3261 section 20.42, RFC 3581. */
export type Via = {
  /** Upper case: UDP, TCP, TLS, WS, WSS … */
  protocol: string;
  /** IPv6 without brackets. */
  host: string;
  port?: number;
  branch?: string;
  /** The source address of the request where it differs from `host`. IPv6 without brackets. */
  received?: string;
  /** true: asked for; a number: the source port. */
  rport?: number | true;
  /** All other parameters, by lower-case name. */
  params: Parameters;
};

const usualProtocol = 'SIP/2.0/';

/** Reads one Via value; throws SipParseError. */
export function parseVia(text: string): Via {
  let index = text.startsWith(usualProtocol) ? usualProtocol.length : skipVersion(text);
  const protocolEnd = skipClass(text, charClass.token, index);
  const protocol = text.slice(index, protocolEnd);
  index = skipSpace(text, protocolEnd);
  if (protocol === '' || index === protocolEnd) throw malformed('Via', 'no transport');
  const { host, port, end } = readHostPort(text, index, 'Via');
  const params = parseParameters(text, end, 'Via');
  const via: Via = { protocol: protocol.toUpperCase(), host, params };
  if (port !== undefined) via.port = port;
  takeKnownParameters(via, params);
  return via;
}

/** `SIP / 2.0 /` with blanks where the grammar has SLASH. */
function skipVersion(text: string): number {
  let index = skipSpace(text, 0);
  for (const part of ['SIP', '/', '2.0', '/']) {
    if (text.slice(index, index + part.length).toUpperCase() !== part) {
      throw malformed('Via', 'not SIP/2.0');
    }
    index = skipSpace(text, index + part.length);
  }
  return index;
}

function takeKnownParameters(via: Via, params: Parameters): void {
  const branch = params.get('branch');
  if (branch !== undefined) {
    if (branch === true) throw malformed('Via', 'an empty branch');
    via.branch = branch;
    params.delete('branch');
  }
  const received = params.get('received');
  if (received !== undefined) {
    if (received === true) throw malformed('Via', 'an empty received');
    via.received = /^\[([0-9a-fA-F:.]+)\]$/.exec(received)?.[1] ?? received;
    if (/[[\]]/.test(via.received)) throw malformed('Via', 'not an address in received');
    params.delete('received');
  }
  const rport = params.get('rport');
  if (rport !== undefined) {
    via.rport = rport === true ? true : parsePort(rport);
    params.delete('rport');
  }
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw malformed('Via', 'not a port');
  return port;
}

export function formatVia(via: Via): string {
  if (!isToken(via.protocol)) throw new TypeError('Via: the transport is not a token');
  let text = `SIP/2.0/${via.protocol} ${formatHost(via.host)}`;
  if (via.port !== undefined) text += `:${via.port}`;
  if (via.rport !== undefined) text += via.rport === true ? ';rport' : `;rport=${via.rport}`;
  if (via.received !== undefined) text += `;received=${formatReceived(via.received)}`;
  if (via.branch !== undefined) text += `;branch=${formatParameterValue(via.branch)}`;
  return text + formatParameters(via.params);
}

/** The grammar has a bare IPv6 address here, without brackets. */
function formatReceived(host: string): string {
  return /^[0-9a-fA-F:.]+$/.test(host) ? host : formatParameterValue(host);
}
