import { isIP } from 'node:net';
import { NetworkSet, plainAddress } from '../base/network.ts';
import type { Header, ProxyOptions } from './client-address.ts';

/** Where a request came in. */
export type Arrival = {
  /** IP address at the other end of the connection. */
  readonly peer: string;
  /** As the Host header and the port say it. */
  readonly url: string;
  readonly header: Header;
};

/**
 * What links to this server begin with, without a slash at the end: as configured, else as the server
 * was called. A reverse proxy calls it by another name than its clients do, so a trusted one is asked:
 * `X-Forwarded-Proto` and `X-Forwarded-Host`, or `proto` and `host` of `Forwarded` (RFC 7239 section 4).
 * Of several values the last is taken, for only that was surely written by the trusted one.
 */
export class PublicUrl {
  readonly #configured: string | undefined;
  readonly #trusted: NetworkSet;
  readonly #usesForwarded: boolean;

  constructor(configured: string | undefined, { trustedProxies, forwardedHeader }: ProxyOptions) {
    this.#configured = configured;
    this.#trusted = new NetworkSet(trustedProxies);
    this.#usesForwarded = forwardedHeader === 'Forwarded';
  }

  of({ peer, url, header }: Arrival): string {
    if (this.#configured !== undefined) return this.#configured;
    const { protocol, host } = new URL(url);
    const called = protocol.slice(0, -1);
    if (!this.#trusted.has(plainAddress(peer))) return `${called}://${host}`;
    const told = this.#usesForwarded
      ? { scheme: lastOf(header('forwarded'), 'proto'), host: lastOf(header('forwarded'), 'host') }
      : { scheme: last(header('x-forwarded-proto')), host: last(header('x-forwarded-host')) };
    const scheme = told.scheme === 'http' || told.scheme === 'https' ? told.scheme : called;
    return `${scheme}://${told.host !== undefined && isHost(told.host) ? told.host : host}`;
  }
}

function last(value: string | undefined): string | undefined {
  return value?.split(',').at(-1)?.trim().toLowerCase();
}

/** The last value of a parameter of `Forwarded`. */
function lastOf(value: string | undefined, parameter: string): string | undefined {
  const pattern = new RegExp(`(?:^|[;,])\\s*${parameter}\\s*=\\s*(?:"([^"]*)"|([^\\s;,]*))`, 'gi');
  const [, quoted, bare] = [...(value ?? '').matchAll(pattern)].at(-1) ?? [];
  return (quoted ?? bare)?.toLowerCase();
}

/** A host name or address with or without a port; IPv6 in brackets. */
function isHost(text: string): boolean {
  const [, v6, name] =
    /^(?:\[([0-9a-f:.]+)\]|([a-z0-9](?:[a-z0-9._-]*)))(?::\d{1,5})?$/.exec(text) ?? [];
  return v6 === undefined ? name !== undefined : isIP(v6) === 6;
}
