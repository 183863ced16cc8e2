import { sequenceAfter } from './rtp-packet.ts';

/** What a packet stands for in the order of a stream. */
export type BufferedKind = 'sound' | 'noise' | 'key';

/** What is to be played now. */
export type NextStep =
  /** `payload` is. */
  | 'sound'
  /** `payload` is comfort noise, to go on until sound comes (RFC 3389). */
  | 'noise'
  /** A packet is missing whose successor is here: it is lost, or too late. */
  | 'lost'
  /** Nothing is here. */
  | 'empty';

type Slot = { payload: Uint8Array; kind: BufferedKind; sequence: number };

/** Packets that may wait: 320 ms of the shortest, and never more than `longestMs` of any. */
const slotCount = 32;
/** No more than so much sound waits: beyond it the oldest is left out. */
export const longestMs = 200;
/** What the first packet of a talkspurt is kept waiting for others, at least and at most. */
export const shortestMs = 20;
const firstPrimeMs = 40;
/** Another stream, or the same one begun anew: RFC 3550 appendix A.1, narrower since so little waits. */
const maxMisorder = 100;
const nothing = new Uint8Array(0);

/**
 * Packets of one source in the order in which they are to be played, where sound is decoded: late,
 * doubled and reordered ones are put right, lost ones are found out. It begins a talkspurt with a delay
 * that follows the jitter it met: each time it runs dry in the midst of sound the delay has grown by
 * what was missed, and `relax` makes it smaller again. Pure: `next` is called whenever sound is needed.
 */
export class JitterBuffer {
  /** Of the packet that `next` gave. The caller may keep it until the next call. */
  payload: Uint8Array = nothing;
  /** Milliseconds of sound in a packet of this source: told by who decodes them. */
  packetMs = 20;
  /** Since the beginning: for reports. */
  lost = 0;
  late = 0;
  doubled = 0;
  ranDry = 0;

  readonly #slots: Slot[] = Array.from({ length: slotCount }, () => ({
    payload: nothing,
    kind: 'sound',
    sequence: -1,
  }));
  #ssrc = -1;
  #expected = 0;
  /** Sequence number after the newest packet. */
  #end = 0;
  /** The first packets of a talkspurt wait for others. */
  #filling = true;
  #waitedMs = 0;
  #primeMs = firstPrimeMs;
  /** Packets' worth of sound that was made up while nothing was here. */
  #owed = 0;
  /** After noise or a key nothing is expected. */
  #resting = true;

  /** Sound waiting, in ms, holes included. */
  get waitingMs(): number {
    return sequenceAfter(this.#end, this.#expected) * this.packetMs;
  }

  /** The payload right after a lost one, which may tell of it; undefined when that is missing too. */
  get following(): Uint8Array | undefined {
    const slot = this.#slotOf(this.#expected);
    return slot !== undefined && slot.kind === 'sound' ? slot.payload : undefined;
  }

  /** Takes a packet; it is kept, not copied. */
  put(
    packet: { readonly ssrc: number; readonly sequence: number },
    payload: Uint8Array,
    kind: BufferedKind,
  ): void {
    const { ssrc, sequence } = packet;
    let after = sequenceAfter(sequence, this.#expected);
    if (ssrc !== this.#ssrc || after <= -maxMisorder || after >= slotCount) {
      this.#begin(ssrc, sequence);
      after = 0;
    }
    if (after < 0) {
      this.late++;
      return;
    }
    const slot = this.#slots[sequence % slotCount]!;
    if (slot.sequence === sequence) {
      this.doubled++;
      return;
    }
    if (this.waitingMs <= 0 && this.#resting && kind === 'sound') this.#fill();
    slot.payload = payload;
    slot.kind = kind;
    slot.sequence = sequence;
    if (sequenceAfter(sequence, this.#end) >= 0) this.#end = (sequence + 1) & 0xffff;
    while (this.waitingMs > longestMs) this.#skip();
  }

  /** To be called for each packet's worth of sound that is needed; `frameMs` apart when it is empty. */
  next(frameMs: number): NextStep {
    if (this.#filling && this.waitingMs < this.#primeMs && this.#waitedMs < this.#primeMs) {
      if (this.waitingMs > 0) this.#waitedMs += frameMs;
      return 'empty';
    }
    this.#filling = false;
    while (this.waitingMs > 0) {
      const slot = this.#slotOf(this.#expected);
      this.#expected = (this.#expected + 1) & 0xffff;
      if (slot === undefined) {
        // What was made up while nothing was here stands for it.
        this.lost++;
        if (this.#owed-- > 0) continue;
        this.#owed = 0;
        return 'lost';
      }
      slot.sequence = -1;
      this.#resting = slot.kind !== 'sound';
      if (slot.kind === 'key') continue;
      this.#owed = 0;
      this.payload = slot.payload;
      return slot.kind;
    }
    this.#runDry(frameMs);
    return 'empty';
  }

  /** Nothing ran dry for a while: the next talkspurt may begin with less delay. */
  relax(byMs: number): void {
    this.#primeMs = Math.max(shortestMs, this.#primeMs - byMs);
  }

  #runDry(frameMs: number): void {
    if (this.#resting) return;
    if (this.#owed === 0) {
      this.ranDry++;
      this.#primeMs = Math.min(longestMs / 2, this.#primeMs + frameMs);
    }
    this.#owed += frameMs / this.packetMs;
    // Nobody speaks any more, or the line is dead: what comes next is a new talkspurt.
    if (this.#owed * this.packetMs >= longestMs) this.#resting = true;
  }

  #begin(ssrc: number, sequence: number): void {
    this.#ssrc = ssrc;
    this.#expected = sequence;
    this.#end = sequence;
    for (const slot of this.#slots) slot.sequence = -1;
    this.#fill();
  }

  #fill(): void {
    this.#filling = true;
    this.#waitedMs = 0;
    this.#owed = 0;
    this.#resting = false;
  }

  #skip(): void {
    const slot = this.#slotOf(this.#expected);
    if (slot !== undefined) slot.sequence = -1;
    this.#expected = (this.#expected + 1) & 0xffff;
    this.lost++;
  }

  #slotOf(sequence: number): Slot | undefined {
    const slot = this.#slots[sequence % slotCount]!;
    return slot.sequence === sequence ? slot : undefined;
  }
}
