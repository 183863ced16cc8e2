import type { DemoSounds } from '../../src/demo/demo-sounds.ts';
import { tone } from '../../src/sandbox/sounds.ts';

/** A tone that goes on without a click when it is looped: whole periods, no fades. */
function loopedTone(hz: number, amplitude = 8000): Int16Array {
  const length = 8000 / gcd(hz, 8000);
  const times = Math.ceil(2000 / length);
  return Int16Array.from(
    { length: length * times },
    (_, at) => amplitude * Math.sin((2 * Math.PI * hz * at) / 8000),
  );
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** One tone for each sound that can be heard: told apart within 20 ms, whatever the codec. */
export function testSounds(options: {
  readonly operatorMessageMs: number;
  readonly contactMessageMs: number;
}): DemoSounds {
  return {
    operatorVoice: loopedTone(400),
    contactVoice: loopedTone(900),
    announcement: loopedTone(1700),
    operatorMessage: tone(500, options.operatorMessageMs),
    contactMessage: tone(700, options.contactMessageMs),
    ownMusic: loopedTone(1100),
  };
}
