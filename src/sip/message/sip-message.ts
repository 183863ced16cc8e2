import {
  charClass,
  commaFrom,
  isAll,
  malformed,
  parseDigits,
  skipClass,
  skipSpace,
} from './grammar.ts';
import { HeaderList } from './headers.ts';
import { type NameAddr, parseNameAddr } from './name-addr.ts';
import { reasonPhrase } from './reason-phrases.ts';
import { formatVia, parseVia, type Via } from './via.ts';

export { SipParseError } from './sip-parse-error.ts';

/** CSeq: orders the requests of a dialog and names the request a response is to (section 20.16). */
export type CSeq = { readonly sequence: number; readonly method: string };

/** Header lines to start a message with, in order. */
export type HeaderLines = Iterable<readonly [name: string, value: string]>;

const noBody = new Uint8Array(0);
/** RFC 3261 section 8.1.1.5. */
const highestSequence = 2 ** 31 - 1;

/** What has been read of the headers, at the version of the header list it was read from. */
type Cache = {
  topVia?: Via;
  from?: NameAddr;
  to?: NameAddr;
  cseq?: CSeq;
  contact?: NameAddr | undefined;
  routes?: NameAddr[];
  recordRoutes?: NameAddr[];
};

/**
 * What requests and responses have in common. The typed getters read a header when it is asked for and keep
 * the result until the headers change; they throw SipParseError when it is missing or malformed. Their
 * results are shared: copy, change the copy, and set the header.
 */
class MessageWithHeaders {
  readonly headers: HeaderList;
  body: Uint8Array;
  #cache: Cache = {};
  #cacheVersion = 0;

  constructor(headers: HeaderLines | undefined, body: Uint8Array | undefined) {
    this.headers = headers instanceof HeaderList ? headers : new HeaderList(headers);
    this.body = body ?? noBody;
  }

  /** Where the request came from last, where the response goes next. */
  get topVia(): Via {
    const cache = this.#current();
    if (cache.topVia === undefined) {
      const line = this.#require('Via');
      cache.topVia = parseVia(line.slice(0, commaFrom(line, 0)));
    }
    return cache.topVia;
  }

  get from(): NameAddr {
    const cache = this.#current();
    cache.from ??= parseNameAddr(this.#require('From'), 'From');
    return cache.from;
  }

  get to(): NameAddr {
    const cache = this.#current();
    cache.to ??= parseNameAddr(this.#require('To'), 'To');
    return cache.to;
  }

  /** The Call-ID. */
  get sipCallId(): string {
    const value = this.#require('Call-ID');
    if (value === '' || !isAll(value, charClass.visible)) throw malformed('Call-ID', 'not a word');
    return value;
  }

  get cseq(): CSeq {
    const cache = this.#current();
    cache.cseq ??= parseCSeq(this.#require('CSeq'));
    return cache.cseq;
  }

  /** The first Contact; its `uri` is `*` in a REGISTER that removes all bindings. */
  get contact(): NameAddr | undefined {
    const cache = this.#current();
    if (!('contact' in cache)) {
      const value = this.headers.values('Contact')[0];
      cache.contact = value === undefined ? undefined : parseNameAddr(value, 'Contact');
    }
    return cache.contact;
  }

  get routes(): NameAddr[] {
    const cache = this.#current();
    cache.routes ??= this.headers.values('Route').map((value) => parseNameAddr(value, 'Route'));
    return cache.routes;
  }

  get recordRoutes(): NameAddr[] {
    const cache = this.#current();
    cache.recordRoutes ??= this.headers
      .values('Record-Route')
      .map((value) => parseNameAddr(value, 'Record-Route'));
    return cache.recordRoutes;
  }

  /** 0 to 255. */
  get maxForwards(): number | undefined {
    const value = this.headers.get('Max-Forwards');
    if (value === undefined) return undefined;
    const hops = parseDigits(value, 255);
    if (hops === undefined) throw malformed('Max-Forwards', 'not a number up to 255');
    return hops;
  }

  /** The media type in lower case, without parameters: `application/sdp`. */
  get contentType(): string | undefined {
    const value = this.headers.get('Content-Type');
    if (value === undefined) return undefined;
    const semicolon = value.indexOf(';');
    return (semicolon < 0 ? value : value.slice(0, semicolon)).trim().toLowerCase();
  }

  /** Puts `via` in the place of the topmost one: `received` and `rport` are filled in so. */
  replaceTopVia(via: Via): void {
    const line = this.#require('Via');
    this.headers.replaceFirst('Via', formatVia(via) + line.slice(commaFrom(line, 0)));
  }

  #current(): Cache {
    if (this.#cacheVersion !== this.headers.version) {
      this.#cache = {};
      this.#cacheVersion = this.headers.version;
    }
    return this.#cache;
  }

  #require(name: string): string {
    const value = this.headers.get(name);
    if (value === undefined) throw malformed(name, 'missing');
    return value;
  }
}

function parseCSeq(text: string): CSeq {
  const start = skipSpace(text, 0);
  const digitsEnd = skipClass(text, charClass.digit, start);
  const sequence = parseDigits(text.slice(start, digitsEnd), highestSequence);
  const methodStart = skipSpace(text, digitsEnd);
  const methodEnd = skipClass(text, charClass.token, methodStart);
  if (sequence === undefined) throw malformed('CSeq', 'not a number below 2^31');
  if (
    methodStart === digitsEnd ||
    methodEnd === methodStart ||
    skipSpace(text, methodEnd) < text.length
  ) {
    throw malformed('CSeq', 'no method');
  }
  return { sequence, method: text.slice(methodStart, methodEnd) };
}

/** RFC 3261 section 7.1. */
export class SipRequest extends MessageWithHeaders {
  readonly kind = 'request';
  method: string;
  requestUri: string;

  constructor(options: {
    method: string;
    requestUri: string;
    headers?: HeaderLines;
    body?: Uint8Array;
  }) {
    super(options.headers, options.body);
    this.method = options.method;
    this.requestUri = options.requestUri;
  }
}

/** RFC 3261 section 7.2. */
export class SipResponse extends MessageWithHeaders {
  readonly kind = 'response';
  status: number;
  reason: string;

  constructor(options: {
    status: number;
    reason?: string;
    headers?: HeaderLines;
    body?: Uint8Array;
  }) {
    super(options.headers, options.body);
    this.status = options.status;
    this.reason = options.reason ?? reasonPhrase(options.status);
  }
}

export type SipMessage = SipRequest | SipResponse;

export type ResponseOptions = {
  reason?: string;
  /** Added to To when the request's has none; never to a 100 (section 8.2.6.2). */
  toTag?: string;
  /** Further headers, after the copied ones: Contact, Record-Route, Allow … */
  headers?: HeaderLines;
  body?: Uint8Array;
  contentType?: string;
};

/**
 * A response to the request: Via, From, To, Call-ID and CSeq are copied as they came, and the Timestamp into
 * a 100 (RFC 3261 section 8.2.6). Works on what a SipParseError could save of a request, too.
 */
export function createResponse(
  request: SipRequest,
  status: number,
  options: ResponseOptions = {},
): SipResponse {
  const headers = new HeaderList();
  for (const via of request.headers.all('Via')) headers.add('Via', via);
  for (const name of ['From', 'To', 'Call-ID', 'CSeq']) {
    const value = request.headers.get(name);
    if (value === undefined) continue;
    const tag = name === 'To' && status > 100 ? options.toTag : undefined;
    headers.add(name, tag === undefined ? value : withTag(value, tag));
  }
  const timestamp = status === 100 ? request.headers.get('Timestamp') : undefined;
  if (timestamp !== undefined) headers.add('Timestamp', timestamp);
  for (const [name, value] of options.headers ?? []) headers.add(name, value);
  if (options.contentType !== undefined) headers.set('Content-Type', options.contentType);
  return new SipResponse({
    status,
    headers,
    ...(options.reason !== undefined && { reason: options.reason }),
    ...(options.body !== undefined && { body: options.body }),
  });
}

/** Leaves a To alone that has a tag, or that cannot be read. */
function withTag(to: string, tag: string): string {
  try {
    return parseNameAddr(to).tag === undefined ? `${to};tag=${tag}` : to;
  } catch {
    return to;
  }
}
