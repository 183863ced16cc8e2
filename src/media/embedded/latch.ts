import { sequenceAfter } from './rtp-packet.ts';

/**
 * Where a party's RTP may come from: symmetric RTP with one guarded latch.
 *
 * The address announced in the session description always wins while nothing is locked. A party
 * behind NAT sends from elsewhere: such a source must prove itself by several consecutive packets of
 * one SSRC, of a negotiated payload type, within a window after the answer, and nothing of it is heard before. After
 * the lock all other senders are strangers (RTP bleed, ES2017-04): dropped.
 */
export type LatchVerdict = 'accept' | 'lock' | 'drop';

/** How long after accept or answer another address may be learnt. */
export const latchWindowMs = 5000;

/** Consecutive packets that another source must send before it is believed. */
export const packetsToBelieve = {
  /** NAT that changed the port only. */
  sameHost: 2,
  /** The announced address is a private one: the packets cannot come from it. */
  unroutable: 3,
  /** The announced address looks right, and still the packets come from elsewhere. */
  elsewhere: 5,
} as const;

/** A candidate is forgotten when nothing came from it for so long. */
const candidateMs = 200;

type Source = { readonly address: string; readonly port: number };

export class Latch {
  #announced: Source;
  readonly #unroutable: boolean;
  #openUntil: number;
  #locked: Source | undefined;
  #candidate: Source | undefined;
  #candidateSsrc = 0;
  #candidateSequence = 0;
  #candidateCount = 0;
  #candidateAt = 0;

  constructor(announced: Source, options: { unroutable: boolean }, nowMs: number) {
    this.#announced = announced;
    this.#unroutable = options.unroutable;
    this.#openUntil = nowMs + latchWindowMs;
  }

  /** Where to send: the locked source, or the announced one until there is a lock. */
  get target(): Source {
    return this.#locked ?? this.#announced;
  }

  get locked(): boolean {
    return this.#locked !== undefined;
  }

  isFor(address: string, port: number): boolean {
    return this.#announced.address === address && this.#announced.port === port;
  }

  /** The same address was announced again (the 200 after a 183): learning may begin late. */
  reopen(nowMs: number): void {
    this.#openUntil = nowMs + latchWindowMs;
  }

  /** `from` is kept only when it locks. The packet is RTP of a payload type that was negotiated. */
  judge(from: Source, ssrc: number, sequence: number, nowMs: number): LatchVerdict {
    const locked = this.#locked;
    if (locked !== undefined) {
      return locked.port === from.port && locked.address === from.address ? 'accept' : 'drop';
    }
    if (this.isFor(from.address, from.port)) return this.#lock(from);
    // Port 0 is forged: nobody can be answered there.
    if (nowMs > this.#openUntil || from.port === 0) return 'drop';
    return this.#believe(from, ssrc, sequence, nowMs) ? this.#lock(from) : 'drop';
  }

  #lock(from: Source): LatchVerdict {
    this.#locked = { address: from.address, port: from.port };
    this.#candidate = undefined;
    return 'lock';
  }

  #believe(from: Source, ssrc: number, sequence: number, nowMs: number): boolean {
    const sameHost = from.address === this.#announced.address;
    const known = this.#candidate;
    if (known === undefined || nowMs - this.#candidateAt > candidateMs) {
      this.#begin(from, ssrc, sequence, nowMs);
    } else if (known.address !== from.address || known.port !== from.port) {
      // A second stranger does not disturb the first, unless it comes from the announced host.
      if (!sameHost || known.address === this.#announced.address) return false;
      this.#begin(from, ssrc, sequence, nowMs);
    } else if (ssrc !== this.#candidateSsrc || !inOrder(sequence, this.#candidateSequence)) {
      this.#begin(from, ssrc, sequence, nowMs);
    } else {
      this.#candidateCount++;
      this.#candidateSequence = sequence;
      this.#candidateAt = nowMs;
    }
    const { sameHost: few, unroutable, elsewhere } = packetsToBelieve;
    const needed = sameHost ? few : this.#unroutable ? unroutable : elsewhere;
    return this.#candidateCount >= needed;
  }

  #begin(from: Source, ssrc: number, sequence: number, nowMs: number): void {
    this.#candidate = { address: from.address, port: from.port };
    this.#candidateSsrc = ssrc;
    this.#candidateSequence = sequence;
    this.#candidateCount = 1;
    this.#candidateAt = nowMs;
  }
}

/** The next one, or one or two lost between. */
function inOrder(sequence: number, previous: number): boolean {
  const after = sequenceAfter(sequence, previous);
  return after >= 1 && after <= 3;
}
