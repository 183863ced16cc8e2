import { seededRandom } from '../src/base/random.ts';
import { SrtpReceiver, SrtpSender } from '../src/media/embedded/srtp-session.ts';
import { masterKeyLengths, type SrtpSuite } from '../src/sdp/crypto-attribute.ts';
import type { Figure } from './figure.ts';

const packetBytes = 172;

/** What encryption adds to a packet of 20 ms of G.711: sealing and opening, by suite. */
export function benchSrtp(options: { packets?: number } = {}): Figure[] {
  const { packets = 200_000 } = options;
  const suites = ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'] as const;
  return suites.flatMap((suite) => {
    measure(suite, 20_000);
    const { sealUs, openUs } = measure(suite, packets);
    return [
      { name: `${suite}: protect a packet`, value: sealUs, unit: 'us' },
      { name: `${suite}: unprotect a packet`, value: openUs, unit: 'us' },
    ];
  });
}

function measure(suite: SrtpSuite, packets: number): { sealUs: number; openUs: number } {
  const { key, salt } = masterKeyLengths[suite];
  const master = Buffer.from(seededRandom(1).hex(key + salt), 'hex').toString('base64');
  const [sender, receiver] = [
    new SrtpSender({ suite, key: master }),
    new SrtpReceiver({ suite, key: master }),
  ];
  const packet = Buffer.alloc(packetBytes, 0xd5);
  packet.writeUInt32BE(0x8008_0000, 0);
  const sealed: Uint8Array[] = [];
  const start = process.cpuUsage().user;
  for (let i = 0; i < packets; i++) {
    packet.writeUInt16BE(i & 0xffff, 2);
    sealed.push(sender.protectRtp(packet)!);
  }
  const middle = process.cpuUsage().user;
  let opened = 0;
  for (const one of sealed) if (receiver.unprotectRtp(one) !== undefined) opened++;
  const end = process.cpuUsage().user;
  if (opened !== packets) throw new Error(`${opened} of ${packets} packets were opened`);
  return {
    sealUs: (middle - start) / packets,
    openUs: (end - middle) / packets,
  };
}

if (import.meta.main) {
  for (const { name, value, unit } of benchSrtp()) {
    console.log(`${name.padEnd(44)} ${value.toFixed(2).padStart(8)} ${unit}`);
  }
}
