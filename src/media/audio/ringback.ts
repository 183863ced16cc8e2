import { soundRate } from './dialing-music.ts';

/** Every signal of the Russian telephone network: 425 Hz, in its cadence (ITU-T E.180 supplement 2). */
const toneHz = 425;
/** -16 dBFS RMS while the tone sounds. */
const amplitude = Math.round(32_767 * 10 ** (-16 / 20) * Math.SQRT2);
/** 10 ms, so that nothing clicks. */
const edge = 80;

/** What a caller hears while the called phone rings: 1 s on, 4 s off. One period; loops without a seam. */
export function ringbackTone(): Int16Array {
  return cadence(1_000, 4_000, 1);
}

/** What a caller hears when the called phone is busy: 0.35 s on, 0.35 s off, ten times. */
export function busyTone(): Int16Array {
  return cadence(350, 350, 10);
}

function cadence(onMs: number, offMs: number, times: number): Int16Array {
  const on = (onMs * soundRate) / 1000;
  const period = ((onMs + offMs) * soundRate) / 1000;
  return Int16Array.from({ length: period * times }, (_, index) => {
    const at = index % period;
    if (at >= on) return 0;
    const share = Math.min(1, at / edge, (on - at) / edge);
    const gain = share * share * (3 - 2 * share);
    return Math.round(amplitude * gain * Math.sin((2 * Math.PI * toneHz * at) / soundRate));
  });
}
