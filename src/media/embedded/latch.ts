import { NearNetwork } from './peer-address.ts';
import { sequenceAfter } from './rtp-packet.ts';

/**
 * Where a party's RTP may come from: symmetric RTP (RFC 4961) with one guarded latch (RFC 7362).
 *
 * The address announced in the session description is believed at once, and no other: what comes from
 * elsewhere is a stranger's, is not heard and is answered by nothing (RTP bleed: ES2017-04, ES2025-01).
 * Only where the announced address cannot be right (a private one behind NAT) or the trunk says so, one
 * other source may be learnt, once, and must prove itself before anything of it is heard or anything is
 * sent to it: by consecutive packets of one SSRC, soon after the answer, and by its place in the network.
 * From then on one stream of one source is heard.
 */
export type LatchVerdict = 'accept' | 'lock' | 'drop';

/** How long after accept or answer another address may be learnt. */
export const latchWindowMs = 5000;

/** Consecutive packets that another source must send before it is believed. */
export const packetsToBelieve = {
  /** From the announced host (NAT that changed the port only), or the network that the signalling is in. */
  near: 3,
  /** From anywhere else, and from there alone. */
  elsewhere: 5,
} as const;

/** While a nearer source may still come, one from elsewhere has to wait so long after the answer. */
export const patienceMs = 1000;

/** A candidate is forgotten when nothing came from it for so long. */
const candidateMs = 200;
/** Sources that contend at the same time; more are passed over. */
const mostCandidates = 4;

/** A stream of another SSRC, or that leaps, is taken when the known one said nothing for so long. */
export const streamChangeMs = 100;
/** And has so many packets in order: RFC 3550 appendix A.1, MIN_SEQUENTIAL. */
const packetsOfNewStream = 2;
/** RFC 3550 appendix A.1: more than this is not loss or reordering. */
const maxDropout = 3000;
const maxMisorder = 100;

type Source = { readonly address: string; readonly port: number };

export type LatchOptions = {
  /** Another source than the announced one may be learnt. */
  readonly learns: boolean;
  /** The IP address of the party's signalling, when known: its RTP is likely to come from nearby. */
  readonly signalledBy?: string;
};

export class Latch {
  readonly #announced: Source;
  readonly #options: LatchOptions;
  #openedAt: number;
  #locked: Source | undefined;
  #candidates: Candidate[] = [];
  #network: NearNetwork | undefined;
  /** The stream that is heard, of the locked source; below 0: the next one. */
  #ssrc = -1;
  #sequence = 0;
  #heardAt = 0;
  /** Another stream of the locked source. */
  #other: Run | undefined;

  constructor(announced: Source, options: LatchOptions, nowMs: number) {
    this.#announced = announced;
    this.#options = options;
    this.#openedAt = nowMs;
  }

  /** Where to send: the locked source, or the announced one until there is a lock. */
  get target(): Source {
    return this.#locked ?? this.#announced;
  }

  get locked(): boolean {
    return this.#locked !== undefined;
  }

  /** Another source than the announced one was learnt. */
  get learnt(): boolean {
    return this.#locked !== undefined && !isSame(this.#locked, this.#announced);
  }

  isFor({ address, port }: Source, { learns }: LatchOptions): boolean {
    return isSame(this.#announced, { address, port }) && this.#options.learns === learns;
  }

  /** The same address was announced again (the 200 after a 183): learning and a new stream may begin late. */
  reopen(nowMs: number): void {
    this.#openedAt = nowMs;
    this.#ssrc = -1;
  }

  /** Does the packet belong to the stream that is heard? For packets that are judged by nobody else. */
  isOfStream(from: Source, ssrc: number): boolean {
    return this.#locked !== undefined && isSame(this.#locked, from) && ssrc === this.#ssrc;
  }

  /** `from` is kept only when it locks. The packet is RTP of a payload type that was negotiated. */
  judge(from: Source, ssrc: number, sequence: number, nowMs: number): LatchVerdict {
    if (this.#locked !== undefined) {
      if (!isSame(this.#locked, from)) return 'drop';
      return this.#isHeard(ssrc, sequence, nowMs) ? 'accept' : 'drop';
    }
    const isAnnounced = isSame(this.#announced, from);
    if (!isAnnounced && !this.#believes(from, ssrc, sequence, nowMs)) return 'drop';
    this.#locked = { address: from.address, port: from.port };
    this.#candidates = [];
    this.#take(ssrc, sequence, nowMs);
    return 'lock';
  }

  #take(ssrc: number, sequence: number, nowMs: number): void {
    this.#ssrc = ssrc;
    this.#sequence = sequence;
    this.#heardAt = nowMs;
    this.#other = undefined;
  }

  /** Forged packets with the right address must also guess SSRC and sequence, while the party speaks. */
  #isHeard(ssrc: number, sequence: number, nowMs: number): boolean {
    const after = sequenceAfter(sequence, this.#sequence);
    const isKnown = ssrc === this.#ssrc && after > -maxMisorder && after < maxDropout;
    if (isKnown && after <= 0) {
      this.#heardAt = nowMs;
      return true;
    }
    if (!isKnown && this.#ssrc >= 0) {
      this.#other ??= new Run();
      const count = this.#other.add(ssrc, sequence);
      if (count < packetsOfNewStream || nowMs - this.#heardAt < streamChangeMs) return false;
    }
    this.#take(ssrc, sequence, nowMs);
    return true;
  }

  #believes(from: Source, ssrc: number, sequence: number, nowMs: number): boolean {
    const { learns, signalledBy } = this.#options;
    const sinceMs = nowMs - this.#openedAt;
    // Port 0 is forged: nobody can be answered there.
    if (!learns || sinceMs > latchWindowMs || from.port === 0) return false;
    this.#candidates = this.#candidates.filter(({ seenAt }) => nowMs - seenAt <= candidateMs);
    const known = this.#candidates.find((candidate) => isSame(candidate, from));
    const candidate = known ?? new Candidate(from, this.#isNear(from));
    if (known === undefined && !this.#admit(candidate)) return false;
    candidate.seenAt = nowMs;
    const count = candidate.run.add(ssrc, sequence);
    if (candidate.isNear) return count >= packetsToBelieve.near;
    if (count < packetsToBelieve.elsewhere || this.#candidates.length > 1) return false;
    return signalledBy === undefined || sinceMs >= patienceMs;
  }

  /** Keeps a new candidate; one that is near takes the place of one that is not. */
  #admit(candidate: Candidate): boolean {
    if (this.#candidates.length >= mostCandidates) {
      const place = candidate.isNear ? this.#candidates.findIndex(({ isNear }) => !isNear) : -1;
      if (place < 0) return false;
      this.#candidates.splice(place, 1);
    }
    this.#candidates.push(candidate);
    return true;
  }

  #isNear({ address }: Source): boolean {
    const { signalledBy } = this.#options;
    if (address === this.#announced.address) return true;
    if (signalledBy === undefined) return false;
    this.#network ??= new NearNetwork(signalledBy);
    return this.#network.has(address);
  }
}

/** A source that may turn out to be the party. */
class Candidate implements Source {
  readonly address: string;
  readonly port: number;
  readonly isNear: boolean;
  readonly run = new Run();
  seenAt = 0;

  constructor({ address, port }: Source, isNear: boolean) {
    this.address = address;
    this.port = port;
    this.isNear = isNear;
  }
}

/** Packets of one SSRC in order, with one or two lost between them at the most. */
class Run {
  #ssrc = -1;
  #sequence = 0;
  #count = 0;

  /** How many they are now. */
  add(ssrc: number, sequence: number): number {
    const after = sequenceAfter(sequence, this.#sequence);
    this.#count = ssrc === this.#ssrc && after >= 1 && after <= 3 ? this.#count + 1 : 1;
    this.#ssrc = ssrc;
    this.#sequence = sequence;
    return this.#count;
  }
}

function isSame(a: Source, b: Source): boolean {
  return a.port === b.port && a.address === b.address;
}
