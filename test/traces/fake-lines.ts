// The telephone network of the trace tests: lines whose parties do as they are told, on a virtual clock.
import type { Clock, Timer } from '../../src/base/clock.ts';
import type { Sink } from '../../src/base/sink.ts';
import type { DialPlan, Line, LineDialer, LineEvent, LineSource } from '../../src/calls/line.ts';
import type { HangupCause } from '../../src/model/hangup-cause.ts';

/** What a party does: `tries`, `rings`, `earlyMedia`, `answers`, `fails` in ms after it was dialled, the rest after its answer. */
export type Behaviour = {
  /** The first response, of the trunk. */
  readonly tries?: number;
  readonly rings?: number;
  readonly earlyMedia?: number;
  readonly answers?: number;
  readonly fails?: { readonly after: number; readonly cause: HangupCause };
  readonly presses?: readonly { readonly after: number; readonly key: string }[];
  readonly hangsUp?: number;
  /** 200 OK and BYE in one turn. */
  readonly byeWithAnswer?: boolean;
  /** Its RTP stopped 3 s before. */
  readonly fallsSilent?: number;
  /** Its RTP comes back. */
  readonly isHeardAgain?: number;
  readonly holds?: { readonly after: number; readonly forMs: number };
};

/** The length of a prompt is written in its name: `greeting-2500`. */
export function promptLength(name: string): number {
  return Number(/-(\d+)$/.exec(name)?.[1] ?? 30_000);
}

export class FakeLines implements LineDialer {
  readonly #clock: Clock;
  readonly #behave: (number: string) => Behaviour;
  readonly #note: (text: string) => void;
  readonly lines: FakeLine[] = [];

  constructor(clock: Clock, behave: (number: string) => Behaviour, note: (text: string) => void) {
    this.#clock = clock;
    this.#behave = behave;
    this.#note = note;
  }

  dial(plan: DialPlan, sink: Sink<LineEvent>): Line {
    const number = /^sip:([^@]*)@/.exec(plan.target.requestUri)![1]!;
    const line = new FakeLine(this.#clock, this.#behave(number), (what) => this.#note(what), sink);
    this.lines.push(line);
    return line;
  }
}

class FakeLine implements Line {
  isOver = false;
  readonly #clock: Clock;
  readonly #note: (text: string) => void;
  readonly #sink: Sink<LineEvent>;
  #timers: Timer[] = [];
  #playback: Timer | undefined;

  constructor(
    clock: Clock,
    behaviour: Behaviour,
    note: (text: string) => void,
    sink: Sink<LineEvent>,
  ) {
    this.#clock = clock;
    this.#note = note;
    this.#sink = sink;
    const { tries, rings, earlyMedia, answers, fails } = behaviour;
    if (tries !== undefined) this.#after(tries, () => this.#emit({ type: 'trying' }));
    if (rings !== undefined) this.#after(rings, () => this.#emit({ type: 'ringing' }));
    if (earlyMedia !== undefined) {
      this.#after(earlyMedia, () => this.#emit({ type: 'earlyMedia' }));
    }
    if (fails) this.#after(fails.after, () => this.#end(fails.cause));
    if (answers !== undefined) this.#after(answers, () => this.#answer(behaviour));
  }

  hear(source: LineSource): void {
    this.#playback?.cancel();
    this.#playback = undefined;
    if (source === 'nothing' || 'lines' in source || source.loop) return;
    const { prompt, playId } = source;
    this.#playback = this.#clock.setTimer(promptLength(prompt.name), () =>
      this.#emit({ type: 'played', playId }),
    );
  }

  sendDtmf(digits: string): void {
    this.#note(`dtmf ${digits}`);
  }

  hangUp(): void {
    if (!this.isOver) this.#finish();
  }

  #answer(behaviour: Behaviour): void {
    const { presses = [], hangsUp, byeWithAnswer, fallsSilent, isHeardAgain, holds } = behaviour;
    for (const { after, key } of presses) {
      this.#after(after, () => this.#emit({ type: 'dtmf', key }));
    }
    if (hangsUp !== undefined) this.#after(hangsUp, () => this.#end({ type: 'normal' }));
    if (fallsSilent !== undefined)
      this.#after(fallsSilent, () => this.#emit({ type: 'noAudio', forMs: 3_000 }));
    if (isHeardAgain !== undefined) {
      this.#after(isHeardAgain, () => this.#emit({ type: 'flowing' }));
    }
    if (holds) {
      this.#after(holds.after, () => this.#emit({ type: 'held' }));
      this.#after(holds.after + holds.forMs, () => this.#emit({ type: 'unheld' }));
    }
    this.#emit({ type: 'answered' });
    if (byeWithAnswer) this.#end({ type: 'normal' });
  }

  #end(cause: HangupCause): void {
    if (this.isOver) return;
    this.#finish();
    this.#sink({ type: 'ended', by: 'remote', cause });
  }

  #finish(): void {
    this.isOver = true;
    this.#playback?.cancel();
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  #emit(event: LineEvent): void {
    if (!this.isOver) this.#sink(event);
  }

  #after(ms: number, fire: () => void): void {
    this.#timers.push(this.#clock.setTimer(ms, fire));
  }
}
