import type { LineEvent } from './line.ts';

/** What a line tells of the sound of its party. */
export type AudioEvent = Extract<LineEvent, { type: 'flowing' | 'noAudio' | 'held' | 'unheld' }>;

/** What of it concerns others: an event of the leg. */
export type AudioStep =
  | { readonly type: 'legNoAudio'; readonly forMs: number }
  | { readonly type: 'legAudioResumed' | 'legHeld' | 'legUnheld' };

/** Whether a party is heard, and whether that is to be expected. */
export class AudioWatch {
  #isHeld = false;
  #isMissing = false;

  /** Nothing is heard of it, and it is not on hold. */
  get isSilent(): boolean {
    return this.#isMissing && !this.#isHeld;
  }

  /** Undefined when nothing changed that others should know. */
  receive(event: AudioEvent): AudioStep | undefined {
    const wasMissing = this.#isMissing;
    this.#isMissing = event.type === 'noAudio';
    switch (event.type) {
      case 'noAudio':
        return { type: 'legNoAudio', forMs: event.forMs };
      case 'flowing':
        return wasMissing ? { type: 'legAudioResumed' } : undefined;
      default:
        // On hold nothing is expected, and after it everything is waited for anew.
        this.#isHeld = event.type === 'held';
        return { type: this.#isHeld ? 'legHeld' : 'legUnheld' };
    }
  }
}
