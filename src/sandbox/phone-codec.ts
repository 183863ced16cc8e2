import type { AudioDecoder, AudioEncoder } from '../media/audio/audio-codec.ts';
import { codecOf } from '../media/audio/codecs.ts';
import { RateConverter } from '../media/audio/rate-converter.ts';
import type { CodecName } from '../model/trunk.ts';
import { decodeG711, encodeG711 } from './rtp-wire.ts';

/** Units of 8000 Hz, which mouth and ear count in, in a unit of the codec's clock. */
function clockFactor(codec: CodecName): number {
  return codec === 'opus' ? 6 : 1;
}

/**
 * The codec of a phone towards its mouth and ear, which know 8000 Hz only. G.711 is the sandbox's own; for
 * G.722 and Opus it shares the server's, which are held to other implementations by their own tests.
 */
export class PhoneCodec {
  readonly name: CodecName;
  readonly #encoder: AudioEncoder;
  readonly #decoder: AudioDecoder;
  readonly #up = new RateConverter(16_000);
  readonly #down = new RateConverter(8_000);
  readonly #octets = new Uint8Array(1500);
  readonly #samples = new Int16Array(1920);
  #lastTimestamp: number | undefined;
  #heard = 0;

  constructor(name: CodecName) {
    this.name = name;
    const codec = codecOf(name);
    this.#encoder = codec.createEncoder();
    this.#decoder = codec.createDecoder();
  }

  encode(samples: Int16Array): Uint8Array {
    if (this.name === 'PCMA' || this.name === 'PCMU') return encodeG711(this.name, samples);
    const wide = new Int16Array(samples.length * 2);
    this.#up.convert(samples, wide);
    return this.#octets.slice(0, this.#encoder.encode(wide, this.#octets, 0));
  }

  decode(payload: Uint8Array): Int16Array {
    if (this.name === 'PCMA' || this.name === 'PCMU') return decodeG711(this.name, payload);
    const wide = this.#samples.subarray(0, this.#decoder.decode(payload, this.#samples));
    const samples = new Int16Array(wide.length / 2);
    this.#down.convert(wide, samples);
    return samples;
  }

  /** A timestamp of the mouth as it goes on the line. */
  sent(timestamp: number): number {
    return Math.imul(timestamp, clockFactor(this.name)) >>> 0;
  }

  /** A timestamp of the line for the ear: the wrap at 32 bits stays one. */
  heard(timestamp: number): number {
    if (clockFactor(this.name) === 1) return timestamp;
    this.#heard += (timestamp - (this.#lastTimestamp ?? timestamp)) | 0;
    this.#lastTimestamp = timestamp;
    return Math.floor(this.#heard / clockFactor(this.name)) >>> 0;
  }

  /** A telephone-event of the mouth or for the ear: its duration in the clock of the other side. */
  sentEvent(event: Uint8Array): Uint8Array {
    return withDuration(event, (duration) => duration * clockFactor(this.name));
  }

  heardEvent(event: Uint8Array): Uint8Array {
    return withDuration(event, (duration) => Math.round(duration / clockFactor(this.name)));
  }

  close(): void {
    this.#encoder.close();
    this.#decoder.close();
  }
}

function withDuration(event: Uint8Array, change: (duration: number) => number): Uint8Array {
  if (event.length < 4) return event;
  const changed = event.slice();
  const duration = change((event[2]! << 8) | event[3]!);
  changed[2] = duration >> 8;
  changed[3] = duration;
  return changed;
}
