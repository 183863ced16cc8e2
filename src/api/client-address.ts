import { isIP } from 'node:net';
import { NetworkSet, plainAddress } from '../base/network.ts';

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
type Header = (name: string) => string | undefined;

/** Finds the IP address of the client, also behind reverse proxies. */
export class ClientAddresses {
  readonly #trusted: NetworkSet;
  readonly #header: ForwardedHeader;

  constructor({ trustedProxies, forwardedHeader }: ProxyOptions) {
    this.#trusted = new NetworkSet(trustedProxies);
    this.#header = forwardedHeader;
  }

  /**
   * Each proxy appends whom it was called by, so the list is read from the right as long as trusted
   * proxies wrote it: what stands left of that is whatever the client liked to send. An entry that is
   * no IP address ends it too: then the proxy that wrote it is the client.
   */
  of(peer: string, header: Header): string {
    let client = plainAddress(peer);
    if (!this.#trusted.has(client)) return client;
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
}

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
