import type { AudioRate } from '../audio/audio-codec.ts';
import { RateConverter } from '../audio/rate-converter.ts';
import type { ReceivedVoice } from './received-voice.ts';

/** The decoded voice of one party as one listener needs it: at the rate of the listener's codec. */
export class VoiceTap {
  #converter: RateConverter | undefined;
  #converted: Int16Array | undefined;

  /** The frame of this tick; undefined: silence. It is overwritten in the next tick. */
  read(voice: ReceivedVoice, tick: number, rate: AudioRate): Int16Array | undefined {
    const frame = voice.frame(tick);
    if (frame === undefined || voice.rate === rate) return frame;
    if (this.#converter?.to !== rate) {
      this.#converter = new RateConverter(rate);
      this.#converted = new Int16Array(rate / 50);
    }
    this.#converter.convert(frame, this.#converted!);
    return this.#converted;
  }
}

/** Adds one source to the mix. */
export function addTo(sum: Int32Array, frame: Int16Array): void {
  for (let i = 0; i < frame.length; i++) sum[i]! += frame[i]!;
}

/** Writes the sum of several sources as samples; what is too loud is cut, not wrapped. */
export function saturate(sum: Int32Array, frame: Int16Array): void {
  for (let i = 0; i < frame.length; i++) {
    const value = sum[i]!;
    frame[i] = Math.max(-32_768, Math.min(32_767, value));
  }
}
