/** An IP address and a UDP or TCP port. IPv6 hosts are written without brackets. */
export type SocketAddress = { readonly host: string; readonly port: number };

/** `host:port`, IPv6 in brackets, as in a URI (RFC 3986 section 3.2.2). */
export function formatAddress({ host, port }: SocketAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function sameAddress(a: SocketAddress, b: SocketAddress): boolean {
  return a.port === b.port && a.host === b.host;
}
