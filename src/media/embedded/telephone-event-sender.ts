import { MediaError } from '../media-engine.ts';
import { eventCodeOf } from './telephone-event.ts';

/** What goes out in one 20 ms tick of a key. */
export type KeyStep = {
  readonly index: number;
  /** Since the key's start; it grows until the end, then stands still. */
  readonly durationMs: number;
  readonly end: boolean;
  /** The key is still down: an in-band tone sounds in these ticks only. */
  readonly down: boolean;
};

const step = (index: number, frames: number): KeyStep => ({
  index,
  durationMs: frames * 20,
  end: index >= 4,
  down: index <= 4,
});

/** One key of 100 ms: the end is sent three times (RFC 4733 section 2.5.1.4). */
export const keySteps: readonly KeyStep[] = [
  step(0, 1),
  step(1, 2),
  step(2, 3),
  step(3, 4),
  step(4, 5),
  step(5, 5),
  step(6, 5),
];

/** From the start of a key to the start of the next: 100 ms of tone and 60 ms between. */
export const keyIntervalMs = 160;
/** What one `.` stands for. */
export const pauseMs = 1000;

type QueuedKey = {
  readonly code: number;
  readonly pauses: number;
  /** The first key of a command counts its pauses from the command, the others from the key before. */
  readonly first: boolean;
  /** The whole command, on its last key. */
  readonly completes: string | undefined;
  /** Undefined until the stream exists: then the command counts from there. */
  commandAt: number | undefined;
};

/** Throws MediaError when `digits` holds something that is neither a key nor a pause. */
export function assertDigits(digits: string): void {
  for (const key of digits) {
    if (key === '.' || eventCodeOf(key) !== undefined) continue;
    throw new MediaError(`"${key}" is no key: send 0-9, *, #, A-D and "." for a pause of 1 s`);
  }
}

/** Keys to send, each at its time. Asked once a tick; it sends nothing itself. */
export class TelephoneEventSender {
  readonly #queue: QueuedKey[] = [];
  #lastStartAt = Number.NEGATIVE_INFINITY;
  #step = -1;

  /** Is there anything to send, now or later? */
  get busy(): boolean {
    return this.#queue.length > 0;
  }

  /** The event code of the key that `next` just gave a step of. */
  get code(): number {
    return this.#queue[0]?.code ?? 0;
  }

  /** Is a key on, so that sound of the stream has to wait? */
  get sending(): boolean {
    return this.#step >= 0;
  }

  /** `nowMs` undefined: there is no stream yet; pauses count from the first `next`. */
  enqueue(digits: string, nowMs: number | undefined): void {
    const last = digits.replaceAll('.', '').length;
    let pauses = 0;
    let count = 0;
    for (const key of digits) {
      const code = eventCodeOf(key);
      if (code === undefined) {
        pauses++;
        continue;
      }
      count++;
      const completes = count === last ? digits : undefined;
      this.#queue.push({ code, pauses, first: count === 1, completes, commandAt: nowMs });
      pauses = 0;
    }
  }

  /** One key that was pressed in a talk, passed on: nobody waits for word that it was sent. */
  passOn(key: string, nowMs: number): void {
    const code = eventCodeOf(key);
    if (code === undefined) return;
    this.#queue.push({ code, pauses: 0, first: true, completes: undefined, commandAt: nowMs });
  }

  /** The step of this tick; undefined while no key is on. After its last step call `finish`. */
  next(nowMs: number): KeyStep | undefined {
    const key = this.#queue[0];
    if (key === undefined) return undefined;
    if (this.#step < 0) {
      if (key.commandAt === undefined) {
        for (const queued of this.#queue) queued.commandAt ??= nowMs;
      }
      // Ticks are sums of fractions: a rounding error must not cost a whole tick.
      if (nowMs + 1 < this.#dueAt(key)) return undefined;
      this.#lastStartAt = nowMs;
      this.#step = 0;
    }
    return keySteps[this.#step++];
  }

  /** After each step was sent: gives the command back when that was its last packet. */
  finish(): string | undefined {
    if (this.#step < keySteps.length) return undefined;
    this.#step = -1;
    return this.#queue.shift()?.completes;
  }

  #dueAt({ first, pauses, commandAt }: QueuedKey): number {
    const backToBack = this.#lastStartAt + keyIntervalMs;
    if (first) return Math.max((commandAt ?? 0) + pauses * pauseMs, backToBack);
    return pauses > 0 ? this.#lastStartAt + pauses * pauseMs : backToBack;
  }
}
