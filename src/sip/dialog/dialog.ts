import { isIP } from 'node:net';
import { formatNameAddr, type NameAddr } from '../message/name-addr.ts';
import { SipRequest, type SipResponse } from '../message/sip-message.ts';
import { parseUri, type SipUri } from '../message/uri.ts';
import { defaultPort, type Hop, transportOf } from '../transport/hop.ts';

type DialogParts = {
  readonly sipCallId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From of our requests, To of theirs, tags included, as first written. */
  readonly local: string;
  readonly remote: string;
  readonly localSequence: number;
  readonly remoteSequence: number | undefined;
  readonly routeSet: readonly NameAddr[];
  readonly remoteTarget: string;
  readonly fallback: Hop;
};

/** The peer-to-peer relationship of two user agents: RFC 3261 section 12. */
export class Dialog {
  readonly sipCallId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly #local: string;
  readonly #remote: string;
  readonly #routeSet: readonly NameAddr[];
  readonly #fallback: Hop;
  #localSequence: number;
  #remoteSequence: number | undefined;
  #remoteTarget: string;
  #destination: Hop | undefined;

  private constructor(parts: DialogParts) {
    this.sipCallId = parts.sipCallId;
    this.localTag = parts.localTag;
    this.remoteTag = parts.remoteTag;
    this.#local = parts.local;
    this.#remote = parts.remote;
    this.#routeSet = parts.routeSet;
    this.#fallback = parts.fallback;
    this.#localSequence = parts.localSequence;
    this.#remoteSequence = parts.remoteSequence;
    this.#remoteTarget = parts.remoteTarget;
  }

  /**
   * The caller's side, from the answer to its INVITE (section 12.1.2): all of it stands in the response.
   * `fallback`: where requests go whose URI names no address we can send to. `early`: the early dialog
   * that this answer confirms; its sequence numbers go on (section 13.2.2.4).
   */
  static ofAnswer(response: SipResponse, fallback: Hop, early?: Dialog): Dialog {
    const { headers, from, to, cseq } = response;
    return new Dialog({
      sipCallId: response.sipCallId,
      localTag: from.tag ?? '',
      remoteTag: to.tag ?? '',
      local: headers.get('From')!,
      remote: headers.get('To')!,
      localSequence: Math.max(cseq.sequence, early?.localSequence ?? 0),
      remoteSequence: early?.remoteSequence,
      // A caller meets the recorded routes in the opposite order.
      routeSet: readable(() => response.recordRoutes.toReversed()) ?? [],
      remoteTarget: readable(() => response.contact)?.uri ?? to.uri,
      fallback,
    });
  }

  /** The called party's side, from the INVITE (section 12.1.1). */
  static ofInvite(request: SipRequest, localTag: string, source: Hop): Dialog {
    const { headers, from, cseq } = request;
    return new Dialog({
      sipCallId: request.sipCallId,
      localTag,
      remoteTag: from.tag ?? '',
      local: `${headers.get('To')};tag=${localTag}`,
      remote: headers.get('From')!,
      localSequence: 0,
      remoteSequence: cseq.sequence,
      routeSet: readable(() => request.recordRoutes) ?? [],
      remoteTarget: readable(() => request.contact)?.uri ?? from.uri,
      fallback: source,
    });
  }

  get remoteTarget(): string {
    return this.#remoteTarget;
  }

  get localSequence(): number {
    return this.#localSequence;
  }

  /** Of the peer's last request; undefined: none has come. */
  get remoteSequence(): number | undefined {
    return this.#remoteSequence;
  }

  /** Where requests go: the first route, or the remote target. */
  get destination(): Hop {
    const uri = this.#routeSet[0]?.uri ?? this.#remoteTarget;
    this.#destination ??= addressOf(uri, this.#fallback);
    return this.#destination;
  }

  /** Section 12.2.1.1. An ACK takes the CSeq of its INVITE, all others the next. */
  createRequest(method: string, sequence = ++this.#localSequence): SipRequest {
    const first = this.#routeSet[0];
    const isStrict = first !== undefined && !/;lr\b/i.test(first.uri);
    const request = new SipRequest({
      method,
      requestUri: isStrict ? first.uri : this.#remoteTarget,
    });
    const { headers } = request;
    headers.add('Max-Forwards', '70');
    const routes = isStrict ? this.#routeSet.slice(1) : this.#routeSet;
    for (const route of routes) headers.add('Route', formatNameAddr(route));
    // A strict router takes the Request-URI for itself: what was meant stands last in the routes.
    if (isStrict) headers.add('Route', `<${this.#remoteTarget}>`);
    headers.add('From', this.#local);
    headers.add('To', this.#remote);
    headers.add('Call-ID', this.sipCallId);
    headers.add('CSeq', `${sequence} ${method}`);
    return request;
  }

  /** Section 12.2.2: false when the request is older than one we had, so it must be refused with 500. */
  takesSequence(request: SipRequest): boolean {
    const { sequence } = request.cseq;
    if (this.#remoteSequence !== undefined && sequence <= this.#remoteSequence) return false;
    this.#remoteSequence = sequence;
    return true;
  }

  /** A target refresh request or its 2xx names a new Contact: section 12.2. */
  refreshTarget(message: SipRequest | SipResponse): void {
    const contact = readable(() => message.contact);
    if (contact === undefined || contact.uri === this.#remoteTarget) return;
    this.#remoteTarget = contact.uri;
    this.#destination = undefined;
  }
}

/** A header that is malformed counts as missing where a call can go on without it. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * Where a URI leads. Names are not resolved: they, and private addresses given by a peer that we see at
 * a public one, mean a proxy or a NAT in between, and what came from there finds back there. The same
 * machine is spoken to as before: over its connection, with its certificate, and over TCP even when
 * its Contact forgets to say so.
 */
export function addressOf(uri: string, fallback: Hop): Hop {
  const parsed = readable(() => parseUri(uri));
  if (parsed === undefined || !isAddress(parsed)) return fallback;
  if (isPrivate(parsed.host) && !isPrivate(fallback.host)) return fallback;
  const transport = transportOf(parsed);
  const isSameWay = transport === undefined || transport === (fallback.transport ?? 'udp');
  if (parsed.host === fallback.host && isSameWay) {
    return { ...fallback, port: parsed.port ?? defaultPort(fallback.transport) };
  }
  // A bare address says no name that a certificate could be of: what was verified is all there is.
  if (fallback.transport === 'tls') return fallback;
  const port = parsed.port ?? defaultPort(transport);
  return { host: parsed.host, port, ...(transport !== undefined && { transport }) };
}

function isAddress({ host }: SipUri): boolean {
  return isIP(host) !== 0;
}

/** Unspecified, RFC 1918, RFC 6598, loopback, link-local and their like in IPv6. */
function isPrivate(host: string): boolean {
  return /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cd]|fe[89ab])/i.test(
    host,
  );
}
