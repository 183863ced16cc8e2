import type { Sink } from '../base/sink.ts';
import type { MediaPort } from '../media/media-engine.ts';
import type { HangupCause, HangupCauseType } from '../model/hangup-cause.ts';
import type { LegQuality } from '../model/leg-quality.ts';
import type { Line, LineEvent, LineSource } from './line.ts';

/** A line that knows its RTP port, as those of line.ts do. */
export type LineWithPort = Line & { readonly port: MediaPort | undefined };

type Branch = { line: LineWithPort; isOver: boolean };

/** Which of several reasons not to answer says most of the party: the first one listed. */
const order: readonly HangupCauseType[] = [
  'busy',
  'rejected',
  'noAnswer',
  'offline',
  'numberProblem',
];

/**
 * One line whose party has several phones: all of them ring, the first to answer is the line from then on
 * and the others stop (RFC 3261 section 16.7, done by the caller). A phone that declines for everywhere
 * (6xx) ends the ringing of all.
 */
export class ForkedLine implements LineWithPort {
  readonly #sink: Sink<LineEvent>;
  readonly #branches: Branch[] = [];
  readonly #told = new Set<LineEvent['type']>();
  readonly #ends: HangupCause[] = [];
  #winner: Branch | undefined;
  /** The first that sent sound before the answer: whoever listens hears it, until one answers. */
  #early: Branch | undefined;
  #hears: LineSource | undefined;
  #ended = false;

  /** `dials`: one for each phone. */
  constructor(dials: readonly ((sink: Sink<LineEvent>) => LineWithPort)[], sink: Sink<LineEvent>) {
    this.#sink = sink;
    for (const dial of dials) {
      const branch: Partial<Branch> = { isOver: false };
      branch.line = dial((event) => this.#receive(branch as Branch, event));
      this.#branches.push(branch as Branch);
    }
  }

  get port(): MediaPort | undefined {
    return (this.#winner ?? this.#early ?? this.#branches.find(({ isOver }) => !isOver))?.line.port;
  }

  get quality(): LegQuality | undefined {
    return (this.#winner ?? this.#early)?.line.quality;
  }

  hear(source: LineSource): void {
    this.#hears = source;
    this.#winner?.line.hear(source);
  }

  sendDtmf(digits: string): void {
    this.#winner?.line.sendDtmf(digits);
  }

  hangUp(cause: HangupCause): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopAll(cause);
  }

  #receive(branch: Branch, event: LineEvent): void {
    if (this.#ended || branch.isOver) return;
    if (branch === this.#winner) return this.#forward(event);
    switch (event.type) {
      case 'trying':
      case 'ringing':
        return this.#once(event);
      case 'earlyMedia':
        this.#early ??= branch;
        return this.#early === branch ? this.#once(event) : undefined;
      case 'answered':
        return this.#answered(branch);
      case 'ended':
        return this.#branchEnded(branch, event);
      default:
        return; // Keys and sound of a phone that was not answered mean nothing.
    }
  }

  #forward(event: LineEvent): void {
    if (event.type === 'ended') this.#ended = true;
    this.#sink(event);
  }

  #once(event: LineEvent): void {
    if (this.#told.has(event.type)) return;
    this.#told.add(event.type);
    this.#sink(event);
  }

  #answered(branch: Branch): void {
    this.#winner = branch;
    for (const other of this.#branches)
      if (other !== branch) this.#stop(other, { type: 'answeredElsewhere' });
    if (this.#hears !== undefined) branch.line.hear(this.#hears);
    this.#sink({ type: 'answered' });
  }

  #branchEnded(branch: Branch, event: Extract<LineEvent, { type: 'ended' }>): void {
    branch.isOver = true;
    this.#ends.push(event.cause);
    const isGlobal = (event.cause.status ?? 0) >= 600;
    if (!isGlobal && this.#branches.some(({ isOver }) => !isOver)) return;
    this.#ended = true;
    this.#stopAll({ type: 'otherLegEnded' });
    this.#sink({ ...event, cause: isGlobal ? event.cause : this.#strongest() });
  }

  #strongest(): HangupCause {
    const rank = ({ type }: HangupCause): number => {
      const place = order.indexOf(type);
      return place < 0 ? order.length : place;
    };
    return this.#ends.toSorted((a, b) => rank(a) - rank(b))[0]!;
  }

  #stopAll(cause: HangupCause): void {
    for (const branch of this.#branches) this.#stop(branch, cause);
  }

  #stop(branch: Branch, cause: HangupCause): void {
    if (branch.isOver) return;
    branch.isOver = true;
    branch.line.hangUp(cause);
  }
}
