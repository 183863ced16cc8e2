import { readWord, writeWord } from './srtp-transform.ts';

/** RTCP packet types: RFC 3550 section 12.1. */
const packetType = { senderReport: 200, receiverReport: 201, description: 202, bye: 203 } as const;
const headerLength = 4;
const blockLength = 24;
const senderInfoLength = 20;
/** Seconds from 1900, where NTP begins, to 1970. */
const ntpEpochSeconds = 2_208_988_800;

/** What we sent up to now: RFC 3550 section 6.4.1. */
export type SenderInfo = {
  /** Wall time in ms since 1970, and the RTP timestamp of the same moment. */
  readonly wallMs: number;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
};

/** What came of one source's stream, by one who receives it. */
export type ReportBlock = {
  readonly ssrc: number;
  /** Since the report before, in 1/256. */
  readonly fractionLost: number;
  /** 24 bits with a sign: doubles make it negative. */
  readonly cumulativeLost: number;
  /** With the number of wraps in the upper half. */
  readonly highestSequence: number;
  /** In timestamp units. */
  readonly jitter: number;
  /** The middle 32 bits of the NTP time of the last sender report; 0: there was none. */
  readonly lastSenderReport: number;
  /** Since that report came, in 1/65536 s. */
  readonly delaySince: number;
};

/** A report of ours: RFC 3550 section 6.1 has every compound packet begin with one and name its sender. */
export type OutgoingReport = {
  readonly ssrc: number;
  /** Undefined: nothing was sent of late. */
  readonly sender?: SenderInfo | undefined;
  readonly block?: ReportBlock | undefined;
  readonly cname: string;
  /** The last one: we leave. */
  readonly bye?: boolean;
};

/** Writes a compound packet: SR or RR, SDES with the CNAME, BYE when we leave. */
export function writeRtcp({ ssrc, sender, block, cname, bye }: OutgoingReport): Buffer {
  const reportLength =
    headerLength + 4 + (sender ? senderInfoLength : 0) + (block ? blockLength : 0);
  // Items end with at least one zero, up to a whole word: section 6.5.
  const descriptionLength = headerLength + ((4 + 2 + cname.length) >> 2) * 4 + 4;
  const byeLength = bye ? headerLength + 4 : 0;
  const packet = Buffer.alloc(reportLength + descriptionLength + byeLength);
  const type = sender ? packetType.senderReport : packetType.receiverReport;
  let at = writeHeader(packet, 0, block ? 1 : 0, type, reportLength);
  writeWord(packet, at, ssrc);
  at += 4;
  if (sender) at = writeSenderInfo(packet, at, sender);
  if (block) at = writeBlock(packet, at, block);
  at = writeHeader(packet, at, 1, packetType.description, descriptionLength);
  writeWord(packet, at, ssrc);
  packet[at + 4] = 1; // CNAME
  packet[at + 5] = cname.length;
  packet.write(cname, at + 6, 'latin1');
  if (bye) {
    at = writeHeader(packet, reportLength + descriptionLength, 1, packetType.bye, byeLength);
    writeWord(packet, at, ssrc);
  }
  return packet;
}

function writeHeader(packet: Buffer, at: number, count: number, type: number, length: number) {
  packet[at] = 0x80 | count;
  packet[at + 1] = type;
  packet.writeUInt16BE(length / 4 - 1, at + 2);
  return at + headerLength;
}

function writeSenderInfo(packet: Buffer, at: number, sender: SenderInfo): number {
  const [seconds, fraction] = ntpOf(sender.wallMs);
  writeWord(packet, at, seconds);
  writeWord(packet, at + 4, fraction);
  writeWord(packet, at + 8, sender.rtpTimestamp);
  writeWord(packet, at + 12, sender.packets);
  writeWord(packet, at + 16, sender.octets);
  return at + senderInfoLength;
}

function writeBlock(packet: Buffer, at: number, block: ReportBlock): number {
  const lost = Math.max(-0x80_0000, Math.min(0x7f_ffff, block.cumulativeLost));
  writeWord(packet, at, block.ssrc);
  writeWord(packet, at + 4, (block.fractionLost << 24) | (lost & 0xff_ffff));
  writeWord(packet, at + 8, block.highestSequence);
  writeWord(packet, at + 12, block.jitter);
  writeWord(packet, at + 16, block.lastSenderReport);
  writeWord(packet, at + 20, block.delaySince);
  return at + blockLength;
}

/** What a compound packet of a party tells. */
export type RtcpNews = {
  /** Undefined: it sent no sender report. */
  readonly senderReport: { readonly ssrc: number; readonly ntpMiddle: number } | undefined;
  readonly blocks: readonly ReportBlock[];
};

/**
 * Reads a compound packet; undefined for anything that is none. Lenient as to what stands after the
 * report: RFC 3550 appendix A.2.
 */
export function readRtcp(packet: Uint8Array): RtcpNews | undefined {
  const first = packet[1];
  if (first !== packetType.senderReport && first !== packetType.receiverReport) return undefined;
  let senderReport: RtcpNews['senderReport'];
  const blocks: ReportBlock[] = [];
  for (let at = 0; at < packet.length; ) {
    if (at + headerLength > packet.length || packet[at]! >> 6 !== 2) return undefined;
    const length = 4 * (((packet[at + 2]! << 8) | packet[at + 3]!) + 1);
    if (at + length > packet.length) return undefined;
    const type = packet[at + 1];
    const isSender = type === packetType.senderReport;
    if (isSender || type === packetType.receiverReport) {
      const blocksAt = at + headerLength + 4 + (isSender ? senderInfoLength : 0);
      const count = packet[at]! & 0x1f;
      if (blocksAt + count * blockLength > at + length) return undefined;
      if (isSender) {
        const ntpMiddle = readWord(packet, at + 10);
        senderReport = { ssrc: readWord(packet, at + 4), ntpMiddle };
      }
      for (let i = 0; i < count; i++) blocks.push(readBlock(packet, blocksAt + i * blockLength));
    }
    at += length;
  }
  return { senderReport, blocks };
}

function readBlock(packet: Uint8Array, at: number): ReportBlock {
  const losses = readWord(packet, at + 4);
  return {
    ssrc: readWord(packet, at),
    fractionLost: losses >>> 24,
    cumulativeLost: (losses << 8) >> 8,
    highestSequence: readWord(packet, at + 8),
    jitter: readWord(packet, at + 12),
    lastSenderReport: readWord(packet, at + 16),
    delaySince: readWord(packet, at + 20),
  };
}

/** Seconds since 1900 and their fraction in 1/2^32. */
function ntpOf(wallMs: number): [seconds: number, fraction: number] {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32);
  return [(seconds + ntpEpochSeconds) >>> 0, fraction >>> 0];
}

/** The middle 32 bits of an NTP time, in which reports measure: 1/65536 s. */
export function ntpMiddle(wallMs: number): number {
  const [seconds, fraction] = ntpOf(wallMs);
  return ((seconds << 16) | (fraction >>> 16)) >>> 0;
}
