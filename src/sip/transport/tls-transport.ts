import { readFileSync } from 'node:fs';
import { createServer, isIP } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, TLSSocket } from 'node:tls';
import type { Logger } from '../../base/logger.ts';
import type { Sink } from '../../base/sink.ts';
import { defaultPort, familyOf, type Hop } from './hop.ts';
import type { SipTransportEvent } from './sip-transport.ts';
import { defaultStreamLimits } from './stream-limits.ts';
import {
  listening,
  localAddressOf,
  type StreamSocket,
  StreamTransport,
} from './stream-transport.ts';
import type { TcpTransportOptions } from './tcp-transport.ts';
import { type IdentityFiles, minVersion, TlsIdentity } from './tls-identity.ts';

export type TlsTransportOptions = TcpTransportOptions & {
  /** Without it nothing is listened for: connections are only made, as most trunks want it. */
  readonly identity?: IdentityFiles;
};

/**
 * SIP over TLS 1.2 or later (RFC 3261 section 26.3.1, RFC 5922). The peer we connect to must have a certificate
 * of the domain we asked for. Rejects when it cannot listen or the certificate cannot be used.
 */
export async function openTlsTransport(
  options: TlsTransportOptions,
  sink: Sink<SipTransportEvent>,
): Promise<StreamTransport> {
  const { host, port, announce, clock, log, identity: files } = options;
  const identity = files && new TlsIdentity(files, clock, log);
  const server = identity && createServer({ noDelay: true });
  const bound = server ? await listening(server, host, port) : { host, port };
  const limits = { ...defaultStreamLimits, ...options.limits };
  const edge = {
    protocol: 'tls',
    server,
    sentBy: {
      host: announce?.host ?? bound.host,
      port: announce?.port ?? (bound.port || defaultPort('tls')),
    },
    family: familyOf(host),
    connect: (to: Hop, localPort: number | undefined) =>
      secureTo(to, { localHost: host, localPort, identity, log }),
    accept: (socket: ConstructorParameters<typeof TLSSocket>[0]): StreamSocket => {
      const secureContext = identity!.context;
      return {
        socket: new TLSSocket(socket, { isServer: true, secureContext }),
        opensWith: 'secure',
      };
    },
    closed: () => identity?.close(),
  } as const;
  return new StreamTransport(edge, { ...options, limits }, sink);
}

function secureTo(
  { host, port, tls }: Hop,
  own: {
    readonly localHost: string;
    readonly localPort: number | undefined;
    readonly identity: TlsIdentity | undefined;
    readonly log: Logger;
  },
): StreamSocket {
  const { name, caFile, insecure } = tls ?? { name: host };
  const socket = connect({
    host,
    port,
    minVersion,
    ...localAddressOf(own.localHost),
    ...(own.localPort !== undefined && { localPort: own.localPort }),
    ...own.identity?.pair,
    ...(caFile !== undefined && { ca: authoritiesOf(caFile, own.log) }),
    servername: isIP(name) === 0 ? name : '', // RFC 6066 section 3: never an address.
    rejectUnauthorized: insecure !== true,
    checkServerIdentity: (_, certificate) => checkSipIdentity(name, certificate),
  });
  return { socket, opensWith: 'secureConnect' };
}

/** Read for each connection, so that a new file needs no restart. A file that is gone trusts nobody. */
function authoritiesOf(file: string, log: Logger): string[] {
  try {
    return [readFileSync(file, 'utf8')];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    log.error({ file, error: reason }, 'the authorities of a trunk cannot be read');
    return [];
  }
}

/**
 * RFC 5922 section 7.1: the certificate names the domain as a SIP URI or as a DNS name.
 * Deviation: a wildcard is taken for one label, which RFC 5922 section 7.2 forbids and carriers have.
 */
function checkSipIdentity(name: string, certificate: PeerCertificate): Error | undefined {
  const uris = certificate.subjectaltname?.split(', ') ?? [];
  if (uris.some((each) => each.toLowerCase() === `uri:sip:${name.toLowerCase()}`)) return undefined;
  return checkServerIdentity(name, certificate);
}
