import { soundRate } from './instruments.ts';

/** Every signal of the Russian telephone network: 425 Hz, in its cadence (ITU-T E.180 supplement 2). */
const toneHz = 425;
/** Away from 425 Hz, so that nobody takes a beep for a signal of the network. */
const beepHz = 880;
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

/** A short tone that says: speak, or press a key. 0.2 s. */
export function beep(): Int16Array {
  return cadence(200, 0, 1, beepHz);
}

/** Two of them, 0.1 s each: something has changed. 0.3 s. */
export function doubleBeep(): Int16Array {
  return cadence(100, 100, 2, beepHz).subarray(0, (300 * soundRate) / 1000);
}

function cadence(onMs: number, offMs: number, times: number, hz = toneHz): Int16Array {
  const on = (onMs * soundRate) / 1000;
  const period = ((onMs + offMs) * soundRate) / 1000;
  return Int16Array.from({ length: period * times }, (_, index) => {
    const at = index % period;
    if (at >= on) return 0;
    const share = Math.min(1, at / edge, (on - at) / edge);
    const gain = share * share * (3 - 2 * share);
    return Math.round(amplitude * gain * Math.sin((2 * Math.PI * hz * at) / soundRate));
  });
}
