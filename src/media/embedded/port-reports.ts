import type { CorePort } from './core-port.ts';
import type { CoreOutput, PacketAddress } from './media-core.ts';
import { ntpMiddle, type ReportBlock, readRtcp, writeRtcp } from './rtcp.ts';
import { figure } from './stream-figures.ts';

/** What reports need of the world. */
export type ReportSurroundings = {
  /** In [0, 1). */
  readonly random: () => number;
  /** Wall time of an instant of the core's clock, in ms since 1970. */
  readonly wallMsAt: (nowMs: number) => number;
};

/** RFC 3550 section 6.2: the least interval; half of it before the first report. */
const intervalMs = 5000;
/** e - 3/2, which makes up for the spread: RFC 3550 section 6.3.1. */
const compensation = Math.E - 1.5;
/** The longest interval is 6.2 s. */
const slots = 512;
/** Ticks are 20 ms. */
const tickMs = 20;
/** A longer round trip is a mistake in a report. */
const longestRoundTripMs = 30_000;

/** What reports know of one port. */
export class ReportState {
  readonly cname: string;
  /** Of the stream that the counts below began with. */
  ssrc: number;
  /** What was sent in streams before it, and what of that the party missed. */
  packetsBefore = 0;
  octetsBefore = 0;
  lostBefore = 0;
  /** Where in the timetable the next one is due; below 0: nowhere. */
  slot = -1;
  /** The party was sent one: it must learn that we leave. */
  began = false;
  /** `sentPackets` at our last report. */
  sentAtReport = 0;
  /** Of the party's last sender report; 0: there was none. */
  lastSenderReport = 0;
  lastSenderReportAt = 0;
  /** Where the party's reports come from, when its RTP comes from elsewhere than announced. */
  learntPort: number | undefined;

  constructor(cname: string, ssrc: number) {
    this.cname = cname;
    this.ssrc = ssrc;
  }
}

/**
 * RTCP of all ports (RFC 3550 section 6): a report to each party every five seconds or so, the
 * party's reports read, nothing passed on. With two in a session the bandwidth allows a report more
 * often than the least interval, so that alone decides: section 6.2.
 */
export class PortReports {
  readonly #output: CoreOutput;
  readonly #around: ReportSurroundings;
  /** Ports by the tick at which their report is due, round and round. */
  readonly #timetable: readonly Set<CorePort>[];
  #tick = 0;

  constructor(output: CoreOutput, around: ReportSurroundings) {
    this.#output = output;
    this.#around = around;
    this.#timetable = Array.from({ length: slots }, () => new Set<CorePort>());
  }

  /** Offer and answer agreed: reports begin, or go on for another stream. */
  settled(port: CorePort): void {
    if (port.reports !== undefined) {
      if (port.reports.ssrc !== port.stream.ssrc) beginStream(port, port.reports);
      return;
    }
    const name = Math.floor(this.#around.random() * 2 ** 48);
    port.reports = new ReportState(name.toString(36).padStart(10, '0'), port.stream.ssrc);
    this.#schedule(port, port.reports, intervalMs / 2);
  }

  /** The port is closed: its party is told so. */
  closed(port: CorePort, nowMs: number): void {
    const { reports } = port;
    if (reports === undefined) return;
    if (reports.slot >= 0) this.#timetable[reports.slot]!.delete(port);
    if (reports.began) this.#send(port, reports, nowMs, { bye: true });
  }

  tick(nowMs: number): void {
    this.#tick = (this.#tick + 1) % slots;
    const due = this.#timetable[this.#tick]!;
    if (due.size === 0) return;
    for (const port of due) {
      const { reports } = port;
      if (reports === undefined) continue;
      this.#send(port, reports, nowMs, {});
      this.#schedule(port, reports, intervalMs);
    }
    due.clear();
  }

  /** A packet of RTCP, decrypted. Strangers are not listened to. */
  receive(port: CorePort, packet: Uint8Array, from: PacketAddress, nowMs: number): void {
    const { latch, reports, reception, stream, figures } = port;
    if (latch === undefined || reports === undefined) return;
    if (from.address !== latch.target.address) return;
    const news = readRtcp(packet);
    if (news === undefined) return;
    if (latch.learnt) reports.learntPort = from.port;
    const { senderReport } = news;
    if (
      senderReport !== undefined &&
      (reception.ssrc < 0 || senderReport.ssrc === reception.ssrc)
    ) {
      reports.lastSenderReport = senderReport.ntpMiddle;
      reports.lastSenderReportAt = nowMs;
    }
    for (const block of news.blocks) {
      if (block.ssrc !== stream.ssrc) continue;
      figures[figure.reportedLost] = reports.lostBefore + Math.max(0, block.cumulativeLost);
      figures[figure.reportedJitterMs] = block.jitter / stream.unitsPerMs;
      figures[figure.sentAtReport] = figures[figure.sentPackets]!;
      const roundTripMs = this.#roundTripOf(block, nowMs);
      if (roundTripMs !== undefined) figures[figure.roundTripMs] = roundTripMs;
    }
  }

  /** RFC 3550 section 6.4.1: now, less our report's time, less how long the party held it. */
  #roundTripOf({ lastSenderReport, delaySince }: ReportBlock, nowMs: number): number | undefined {
    if (lastSenderReport === 0) return undefined;
    const units = (ntpMiddle(this.#around.wallMsAt(nowMs)) - lastSenderReport - delaySince) | 0;
    const ms = (units * 1000) / 0x1_0000;
    // Clocks are read in steps: what came back at once may look a little earlier.
    if (ms < -1 || ms > longestRoundTripMs) return undefined;
    return Math.max(0, ms);
  }

  #send(port: CorePort, reports: ReportState, nowMs: number, { bye = false }): void {
    const { peer, latch, stream, figures } = port;
    if (peer === undefined || latch === undefined) return;
    const { rtcpMux, rtcpPort } = peer;
    if (rtcpPort === 0) return;
    const packets = figures[figure.sentPackets]!;
    const hasSent = packets > reports.sentAtReport;
    reports.sentAtReport = packets;
    reports.began = true;
    const packet = writeRtcp({
      ssrc: stream.ssrc,
      cname: reports.cname,
      bye,
      sender: hasSent
        ? {
            wallMs: this.#around.wallMsAt(nowMs),
            rtpTimestamp: stream.timestampAt(nowMs),
            packets: packets - reports.packetsBefore,
            octets: figures[figure.sentOctets]! - reports.octetsBefore,
          }
        : undefined,
      block: blockOf(port, reports, nowMs),
    });
    const { address, port: rtpPort } = latch.target;
    const beside = (latch.learnt ? reports.learntPort : undefined) ?? rtcpPort;
    this.#output.control(port.id, packet, { address, port: rtcpMux ? rtpPort : beside }, rtcpMux);
  }

  #schedule(port: CorePort, reports: ReportState, meanMs: number): void {
    const delayMs = (meanMs * (0.5 + this.#around.random())) / compensation;
    const ticks = Math.max(1, Math.round(delayMs / tickMs));
    reports.slot = (this.#tick + ticks) % slots;
    this.#timetable[reports.slot]!.add(port);
  }
}

/** The codec's clock changed, and the SSRC with it: what a report counts begins anew, the leg's figures go on. */
function beginStream({ stream, figures }: CorePort, reports: ReportState): void {
  reports.ssrc = stream.ssrc;
  reports.packetsBefore = figures[figure.sentPackets]!;
  reports.octetsBefore = figures[figure.sentOctets]!;
  reports.sentAtReport = reports.packetsBefore;
  reports.lostBefore = Math.max(0, figures[figure.reportedLost]!);
}

function blockOf(port: CorePort, reports: ReportState, nowMs: number): ReportBlock | undefined {
  const received = port.reception.report();
  if (received === undefined) return undefined;
  const { lastSenderReport } = reports;
  const sinceMs = nowMs - reports.lastSenderReportAt;
  const delaySince = lastSenderReport === 0 ? 0 : Math.round((sinceMs * 0x1_0000) / 1000);
  return { ...received, lastSenderReport, delaySince };
}
