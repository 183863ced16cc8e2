import type { SpeechEngine, Utterance } from '../speech-engine.ts';
import { espeakSpeed, espeakText } from './espeak-text.ts';
import { findProgram, runProgram } from './run-program.ts';

/**
 * eSpeak NG as a program on PATH, one process a text, 12 to 40 ms each. Its WAV header has a made-up
 * length, as it cannot seek in a pipe: what counts is the end of the output.
 */
export class EspeakProgram implements SpeechEngine {
  readonly name: string;
  readonly atOnce = 4;

  constructor(name: string) {
    this.name = name;
  }

  async obstacle(): Promise<string | undefined> {
    if ((await findProgram('espeak-ng')) !== undefined) return undefined;
    return 'the program espeak-ng is not on PATH; on Debian: apt-get install espeak-ng';
  }

  synthesize(
    text: string,
    { language, voice = language, rate, signal }: Utterance,
  ): Promise<Uint8Array> {
    const speed = String(espeakSpeed(rate));
    // -b 1: the text is UTF-8, whatever the locale of this process is.
    const argv = ['espeak-ng', '-v', voice, '-s', speed, '-b', '1', '--stdin', '--stdout'];
    return runProgram(argv, espeakText(text), signal);
  }

  async close(): Promise<void> {}
}
