import type { LegQuality, StreamQuality } from '../../model/leg-quality.ts';
import { mosOf, rFactor } from './e-model.ts';
import { figure, type StreamFigures } from './stream-figures.ts';

/** 20 ms in a packet, and as much again in the party's codec and loudspeaker. */
const fixedDelayMs = 40;
/** A jitter buffer holds sound back for about so many times the jitter. */
const bufferedJitters = 2;

/** What the counters of a port say, rounded for people. */
export function qualityOf(
  row: StreamFigures,
  agreed: { readonly codec: string; readonly srtp: string | null },
): LegQuality {
  const of = (name: keyof typeof figure): number => row[figure[name]]!;
  const roundTripMs = of('roundTripMs') < 0 ? null : of('roundTripMs');
  const stream = (
    counted: { packets: number; octets: number },
    told: { lost: number; outOf: number; jitterMs: number } | undefined,
  ): StreamQuality => {
    if (told === undefined || told.outOf <= 0) {
      return { ...counted, lost: null, lossPercent: null, jitterMs: null, mos: null };
    }
    const { jitterMs } = told;
    const lost = Math.max(0, told.lost);
    const lossPercent = Math.min(100, (100 * lost) / told.outOf);
    const delayMs = (roundTripMs ?? 0) / 2 + fixedDelayMs + bufferedJitters * jitterMs;
    return {
      ...counted,
      lost,
      lossPercent: rounded(lossPercent, 2),
      jitterMs: rounded(jitterMs, 1),
      mos: rounded(mosOf(rFactor(delayMs, lossPercent)), 2),
    };
  };
  const received = { packets: of('receivedPackets'), octets: of('receivedOctets') };
  const sent = { packets: of('sentPackets'), octets: of('sentOctets') };
  const outOf = of('expectedPackets');
  return {
    ...agreed,
    roundTripMs: roundTripMs === null ? null : rounded(roundTripMs, 1),
    received: stream(received, {
      lost: outOf - received.packets,
      outOf,
      jitterMs: of('receivedJitterMs'),
    }),
    sent: stream(
      sent,
      of('reportedLost') < 0
        ? undefined
        : {
            lost: of('reportedLost'),
            outOf: of('sentAtReport'),
            jitterMs: of('reportedJitterMs'),
          },
    ),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
