import type { Codec } from './session-description.ts';

/** What this server can send and hear. */
export type AudioCodecName = 'PCMA' | 'PCMU' | 'G722' | 'opus';

/**
 * Each as it is offered. Opus is asked for what telephony can use of it (RFC 7587 section 6.1): sound up
 * to 8 kHz, one channel, and forward error correction.
 */
const audioCodecs: Readonly<Record<AudioCodecName, Codec>> = {
  PCMA: { payloadType: 8, name: 'PCMA', clockRate: 8_000 },
  PCMU: { payloadType: 0, name: 'PCMU', clockRate: 8_000 },
  // 8000 although it samples at 16000: RFC 3551 section 4.5.2.
  G722: { payloadType: 9, name: 'G722', clockRate: 8_000 },
  opus: {
    payloadType: 111,
    name: 'opus',
    clockRate: 48_000,
    channels: 2,
    fmtp: 'maxplaybackrate=16000;sprop-maxcapturerate=16000;useinbandfec=1',
  },
};

/**
 * Of telephone-events by clock rate, which is that of the sound beside them (RFC 4733 section 2.1). Beside
 * Opus many phones know them at 8000 Hz only: those are offered always.
 */
const usualEventRate = 8_000;
const eventPayloadTypes: Readonly<Record<number, number>> = { 8000: 101, 48000: 110 };

/** RFC 3389; not offered (we never pause), but given in an answer to a peer that offers it. */
export const comfortNoise: Codec = { payloadType: 13, name: 'CN', clockRate: 8_000 };

export function audioCodec(name: AudioCodecName): Codec {
  return audioCodecs[name];
}

export function isAudioCodecName(name: string): name is AudioCodecName {
  return Object.hasOwn(audioCodecs, name);
}

/** The keys 0-9, *, #, A-D and flash. */
export function telephoneEvent(clockRate: number): Codec {
  const payloadType = eventPayloadTypes[clockRate]!;
  return { payloadType, name: 'telephone-event', clockRate, fmtp: '0-16' };
}

/** These codecs, and telephone-events once for each of their clock rates. */
export function withEvents(names: readonly AudioCodecName[]): readonly Codec[] {
  const codecs = names.map(audioCodec);
  const clockRates = new Set([...codecs.map(({ clockRate }) => clockRate), usualEventRate]);
  return [...codecs, ...[...clockRates].map(telephoneEvent)];
}

/** Names without case. */
export function isSameCodec(a: Codec, b: Codec): boolean {
  return (
    a.name.toUpperCase() === b.name.toUpperCase() &&
    a.clockRate === b.clockRate &&
    (a.channels ?? 1) === (b.channels ?? 1)
  );
}

/** The telephone-event of a list that is timed as sound of this clock rate. */
export function eventAt(clockRate: number, codecs: readonly Codec[]): Codec | undefined {
  return codecs.find((codec) => isSameCodec(codec, telephoneEvent(clockRate)));
}

/**
 * The telephone-event of a list at 8000 Hz beside sound of another clock rate. Deviation: RFC 4733 section
 * 2.1 has one clock for both; phones that do otherwise time its start by the sound's, its length by its own.
 */
export function slowEventBeside(clockRate: number, codecs: readonly Codec[]): Codec | undefined {
  return clockRate === usualEventRate ? undefined : eventAt(usualEventRate, codecs);
}

/** Comfort noise of a list; like events it must have the clock of the sound it stands for. */
export function noiseAt(clockRate: number, codecs: readonly Codec[]): Codec | undefined {
  if (clockRate !== comfortNoise.clockRate) return undefined;
  return codecs.find((codec) => isSameCodec(codec, comfortNoise));
}
