import { isIP } from 'node:net';
import type { ListenConfig } from './config.ts';
import type { KeyPath } from './key-tree.ts';
import type { ValueProblem } from './problems.ts';
import type { ConfigValues } from './schema.ts';

type ListenValues = ConfigValues['sip']['listen'][number];

const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const usualPort = { udp: 5060, tcp: 5060, tls: 5061 } as const;

/** With every default filled in: the address of `sip.host`, and what trunks reach that at. */
export function completeListeners(
  listeners: readonly ListenValues[],
  sipHost: string,
  sipPublic: string,
): ListenValues[] {
  return listeners.map((listener) => {
    const host = listener.host ?? sipHost;
    const port = listener.port ?? usualPort[listener.transport];
    const announced = isIP(host) === isIP(sipPublic) && host === sipHost ? sipPublic : host;
    return { ...listener, host, port, public_address: listener.public_address ?? announced };
  });
}

/** From the file's names to the program's, with what trunks need beside it. */
export function toListeners(
  { sip, trunks }: ConfigValues,
  toPath: (at: KeyPath, value: string) => string,
): ListenConfig[] {
  const named = sip.listen.map(({ transport, host, port, certificate, key, ...rest }, index) => {
    const path = (name: string, value: string) => toPath(['sip', 'listen', index, name], value);
    return {
      transport,
      host: host!,
      port: port!,
      publicAddress: rest.public_address!,
      ...(certificate !== undefined &&
        key !== undefined && {
          identity: { certificate: path('certificate', certificate), key: path('key', key) },
        }),
    };
  });
  return [...named, ...implied(named, sip, trunks)];
}

/** TCP or TLS that a trunk speaks and no listener has: on the address of `sip.host`. */
function* implied(
  named: readonly ListenConfig[],
  sip: ConfigValues['sip'],
  trunks: ConfigValues['trunks'],
): Iterable<ListenConfig> {
  for (const transport of ['tcp', 'tls'] as const) {
    const isNamed = named.some((listener) => listener.transport === transport);
    const isSpoken = trunks.some((trunk) => speaks(trunk, transport));
    if (isNamed || !isSpoken) continue;
    const port = transport === 'tcp' ? sip.port : usualPort.tls;
    yield { transport, host: sip.host!, port, publicAddress: sip.public_address! };
  }
}

function speaks(trunk: ConfigValues['trunks'][number], transport: 'tcp' | 'tls'): boolean {
  if (trunk.transport === 'auto' || trunk.transport === transport) return true;
  return transport === 'tcp' && trunk.large_by_tcp;
}

/** Mistakes of `sip.listen`. */
export function* checkListeners(sip: ConfigValues['sip'], sipHost: string): Iterable<ValueProblem> {
  const seen = new Set([`udp ${sipHost} ${sip.port}`]);
  for (const [index, listener] of sip.listen.entries()) {
    const at = (key: string): KeyPath => ['sip', 'listen', index, key];
    const problem = (key: string, text: string): ValueProblem => ({
      path: at(key),
      atKey: false,
      text,
    });
    const { transport, certificate, key } = listener;
    const host = listener.host ?? sipHost;
    const port = listener.port ?? usualPort[transport];
    if (transport === 'tls') {
      if (certificate === undefined)
        yield problem('certificate', 'is missing: who connects by TLS must see one');
      if (key === undefined) yield problem('key', 'is missing: the key of the certificate');
    } else if (certificate !== undefined || key !== undefined) {
      yield problem(
        'transport',
        `must be tls to have a certificate, not ${JSON.stringify(transport)}`,
      );
    }
    const announced =
      listener.public_address ?? (host === sipHost ? sip.public_address : undefined);
    if (anyAddress.has(host) && announced === undefined) {
      yield problem(
        'public_address',
        `is missing: the IP address at which trunks reach this server, since this listens on all of them (${host})`,
      );
    }
    if (announced !== undefined && isIP(announced) !== isIP(host)) {
      yield problem(
        'public_address',
        `must be IPv${isIP(host)} as ${host}, not ${JSON.stringify(announced)}`,
      );
    }
    const place = `${transport} ${host} ${port}`;
    if (port !== 0 && seen.has(place)) {
      yield problem(
        'port',
        `${place.replace(/ (\d+)$/, ', port $1')} is listened on already: take another port or host`,
      );
    }
    seen.add(place);
  }
}
