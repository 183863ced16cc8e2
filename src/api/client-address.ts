import { isIP } from 'node:net';
import type { Logger } from '../base/logger.ts';
import { NetworkSet, plainAddress, privateNetworks } from '../base/network.ts';

/** The header in which the reverse proxy names the client. */
export type ForwardedHeader = 'X-Forwarded-For' | 'Forwarded';

/** Which peers are reverse proxies of one's own, and where they write whom they speak for. */
export type ProxyOptions = {
  /** IP addresses and CIDR; empty: no header is believed. */
  readonly trustedProxies: readonly string[];
  /**
   * Only this one is read: a proxy hands on what it does not know, so the other header would be the
   * client's own word.
   */
  readonly forwardedHeader: ForwardedHeader;
};

/** Reads a request header by its lower-case name; several lines are joined by commas. */
export type Header = (name: string) => string | undefined;

/** Finds the IP address of the client, also behind reverse proxies. */
export class ClientAddresses {
  readonly #trusted: NetworkSet;
  readonly #header: ForwardedHeader;

  readonly #log: Logger;
  /** Not told yet: a proxy is in front that nobody made trusted. */
  #quiet: boolean;

  constructor({ trustedProxies, forwardedHeader }: ProxyOptions, log: Logger) {
    this.#trusted = new NetworkSet(trustedProxies);
    this.#header = forwardedHeader;
    this.#log = log;
    this.#quiet = trustedProxies.length === 0;
  }

  /**
   * Each proxy appends whom it was called by, so the list is read from the right as long as trusted
   * proxies wrote it: what stands left of that is whatever the client liked to send. An entry that is
   * no IP address ends it too: then the proxy that wrote it is the client.
   */
  of(peer: string, header: Header): string {
    let client = plainAddress(peer);
    if (!this.#trusted.has(client)) {
      if (this.#quiet && isPrivate.has(client) && header('x-forwarded-for')) this.#warn(client);
      return client;
    }
    const value = header(this.#header.toLowerCase()) ?? '';
    const hops = this.#header === 'Forwarded' ? forwardedFor(value) : value.split(',');
    for (const hop of hops.reverse()) {
      const address = addressIn(hop.trim());
      if (address === undefined) break;
      client = address;
      if (!this.#trusted.has(client)) break;
    }
    return client;
  }

  /** Everybody seems to come from the proxy then, which the default list of addresses lets in. */
  #warn(proxy: string): void {
    this.#quiet = false;
    const fix = 'name it in http.trusted_proxies, or all its clients count as this address';
    this.#log.warn({ address: proxy }, `a reverse proxy seems to be in front: ${fix}`);
  }
}

const isPrivate = new NetworkSet(privateNetworks);

/** The `for` of each element, RFC 7239 section 4; empty where there is none. */
function forwardedFor(value: string): string[] {
  const elements = value.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
  return elements.map((element) => {
    const [, quoted, bare] =
      /(?:^|;)\s*for\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]*))/i.exec(element) ?? [];
    return quoted ?? bare ?? '';
  });
}

/** `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::7`, `[2001:db8::7]` or `[2001:db8::7]:4711`. */
function addressIn(hop: string): string | undefined {
  const [, bracketed, v4] = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/.exec(hop) ?? [];
  const address = plainAddress(bracketed ?? v4 ?? hop);
  return isIP(address) !== 0 ? address : undefined;
}
