import { Correlator } from './fft.ts';

/** 8000 Hz. */
const samplesPerMs = 8;
/** The piece of the sample that is searched for in the whole recording: 480 ms. */
const anchorLength = 3_840;
/** What is judged as heard or not heard, once the place is known: 40 ms. */
const frameLength = 320;
/** After a slip the place is searched for again with so much sound: 240 ms. */
const relockLength = 1_920;
/** A jitter buffer that adapts moves what follows by so much at most: 60 ms. */
const farthestSlip = 480;
/** Quieter than this below the sample's loudness says nothing: pauses between words. */
const quietShare = 0.05;
/** Of one sample: -66 dBFS and below is the noise of the codec. */
const silenceEnergy = 16 ** 2;
const frameHeard = 0.5;
const relockScore = 0.6;
/** So many audible frames not heard end it: what comes later is another hearing. One second. */
const longestGap = 25;
const anchorsTried = 8;
/** Two voices agree for a syllable by chance: less than 400 ms heard is not a find. */
const fewestFrames = 10;

export type FindOptions = {
  /** The part of the recording searched; the default is all of it. */
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** Correlation below which nothing was found: 0.5. Lower it for a sample under louder sound. */
  readonly minScore?: number;
};

export type Found = {
  /** Where in the recording the sample's beginning lies (negative: before the recording). */
  readonly offsetMs: number;
  /** Normalised correlation over what was heard, 0-1: 0.99 is a clean line, 0.7 two equal voices. */
  readonly score: number;
  /** Instants in the sample: the first and the last sound of it that was heard. */
  readonly heardFromMs: number;
  readonly heardToMs: number;
  /** Share of the sample's audible frames that were heard: 1 all, 0.98 a lost packet a second. */
  readonly coverage: number;
  /** It was heard from its first to its last audible sound, give or take 60 ms. */
  readonly complete: boolean;
};

/**
 * Finds where a sample was heard in a recorded timeline (both 16-bit mono, 8000 Hz), the earliest of
 * several hearings, and how much of it. Stands G.711, gain, slips of the jitter buffer, lost packets,
 * another sound beside it. Less than 400 ms of it is not found (half of a shorter sample). Not for pure tones, whose place is ambiguous by periods: see `toneLevel`.
 */
export function findSample(
  recording: Int16Array,
  sample: Int16Array,
  options: FindOptions = {},
): Found | undefined {
  const from = Math.max(0, Math.round((options.fromMs ?? 0) * samplesPerMs));
  const until = Math.round((options.untilMs ?? Number.POSITIVE_INFINITY) * samplesPerMs);
  const where = new Signal(recording.subarray(from, Math.min(until, recording.length)));
  const what = new Signal(sample);
  const minScore = options.minScore ?? 0.5;
  const anchors = anchorsOf(what);
  const correlator = new Correlator(where.values, anchors[0]?.length ?? 1);
  for (const anchor of anchors) {
    const lag = bestLag({ where, correlator }, what, anchor, minScore);
    if (lag === undefined) continue;
    const track = [
      ...backward(where, what, anchor.start, lag),
      ...forward(where, what, anchor.start, lag),
    ];
    const found = judge(track, what, from);
    if (found !== undefined && found.score >= minScore) return found;
  }
  return undefined;
}

/** Samples as numbers with the energy of any stretch of them at hand. */
class Signal {
  readonly values: Float64Array;
  /** Share of the loudness under which a frame is a pause. */
  readonly quiet: number;
  readonly #energyBefore: Float64Array;

  constructor(samples: Int16Array) {
    this.values = withoutConstant(samples);
    this.#energyBefore = new Float64Array(samples.length + 1);
    for (let index = 0; index < samples.length; index++) {
      this.#energyBefore[index + 1] = this.#energyBefore[index]! + this.values[index]! ** 2;
    }
    this.quiet = (this.energy(0, samples.length) / Math.max(1, samples.length)) * quietShare ** 2;
  }

  get length(): number {
    return this.values.length;
  }

  energy(start: number, length: number): number {
    const last = this.#energyBefore.length - 1;
    const end = Math.max(0, Math.min(start + length, last));
    return this.#energyBefore[end]! - this.#energyBefore[Math.max(0, Math.min(start, last))]!;
  }

  isAudible(start: number, length: number): boolean {
    return this.energy(start, length) > Math.max(this.quiet, 1) * length;
  }
}

/** High-passed at 50 Hz: the silence of A-law is a constant 8, which must not look like a sound. */
function withoutConstant(samples: Int16Array): Float64Array {
  let before = samples[0] ?? 0;
  let filtered = 0;
  return Float64Array.from(samples, (sample) => {
    filtered = sample - before + 0.96 * filtered;
    before = sample;
    return filtered;
  });
}

type Anchor = { readonly start: number; readonly length: number };

/** Loud enough pieces of the sample, from its beginning on, spread over it. */
function anchorsOf(what: Signal): readonly Anchor[] {
  const length = Math.min(anchorLength, what.length);
  const anchors: Anchor[] = [];
  for (let start = 0; length > 0 && start + length <= what.length; start += length / 2) {
    if (what.energy(start, length) > what.quiet * 25 * length) anchors.push({ start, length });
  }
  const step = Math.max(1, Math.ceil(anchors.length / anchorsTried));
  return anchors.filter((_, index) => index % step === 0);
}

/** The earliest place in the recording where the anchor correlates about as well as anywhere. */
function bestLag(
  { where, correlator }: { readonly where: Signal; readonly correlator: Correlator },
  what: Signal,
  { start, length }: Anchor,
  minScore: number,
): number | undefined {
  const pattern = what.values.subarray(start, start + length);
  const scores = correlator.correlate(pattern);
  const energy = what.energy(start, length);
  let best = 0;
  for (let lag = 0; lag < scores.length; lag++) {
    scores[lag] = normalised(scores[lag]!, energy, where.energy(lag, length));
    if (scores[lag]! > best) best = scores[lag]!;
  }
  if (best < minScore) return undefined;
  const first = scores.findIndex((score) => score >= 0.93 * best);
  // The top of that peak, at most 100 ms on.
  const near = scores.subarray(first, first + 100 * samplesPerMs);
  const top = near.reduce((a, b) => Math.max(a, b), 0);
  return first + near.findIndex((score) => score >= 0.998 * top) - start;
}

/** One frame of the sample, where it would be in the recording, and how well it is there. */
type Frame = {
  readonly at: number;
  readonly lag: number;
  readonly audible: boolean;
  readonly score: number;
};

function frameAt(where: Signal, what: Signal, at: number, lag: number): Frame {
  const audible = what.isAudible(at, Math.min(frameLength, what.length - at));
  return { at, lag, audible, score: audible ? scoreAt(where, what, at, lag, frameLength) : 0 };
}

/** Follows the sample from the anchor to its end, over slips and losses, until it is gone. */
function forward(where: Signal, what: Signal, start: number, firstLag: number): readonly Frame[] {
  const frames: Frame[] = [];
  let lag = firstLag;
  let missed = 0;
  for (let at = start; at < what.length; at += frameLength) {
    const frame = frameAt(where, what, at, lag);
    frames.push(frame);
    if (!frame.audible) continue;
    missed = frame.score >= frameHeard ? 0 : missed + 1;
    if (missed > longestGap) break;
    if (missed < 2) continue;
    const moved = relock(where, what, at, lag);
    if (moved === undefined) continue;
    lag = moved;
    frames.pop();
    frames.push(frameAt(where, what, at, lag));
    missed = 0;
  }
  return frames;
}

/** Follows it from the anchor to its beginning, when the first anchor was not found. */
function backward(where: Signal, what: Signal, start: number, lag: number): readonly Frame[] {
  const frames: Frame[] = [];
  let missed = 0;
  for (let at = start - frameLength; at >= 0 && missed <= longestGap; at -= frameLength) {
    const frame = frameAt(where, what, at, lag);
    frames.unshift(frame);
    if (frame.audible) missed = frame.score >= frameHeard ? 0 : missed + 1;
  }
  return frames;
}

/** Where the sample goes on near the place it should be, if it clearly does. */
function relock(where: Signal, what: Signal, at: number, lag: number): number | undefined {
  const length = Math.min(relockLength, what.length - at);
  if (length < frameLength * 2 || !what.isAudible(at, length)) return undefined;
  let best = relockScore;
  let bestAt: number | undefined;
  for (let moved = lag - farthestSlip; moved <= lag + farthestSlip; moved++) {
    const score = scoreAt(where, what, at, moved, length);
    if (score > best) [best, bestAt] = [score, moved];
  }
  return bestAt;
}

function scoreAt(where: Signal, what: Signal, at: number, lag: number, wanted: number): number {
  const length = Math.min(wanted, what.length - at);
  const there = at + lag;
  if (there < 0 || there + length > where.length) return 0;
  const energies = [what.energy(at, length), where.energy(there, length)] as const;
  if (energies[1] < silenceEnergy * length) return 0;
  return normalised(dot(where, what, at, lag, length), ...energies);
}

function dot(where: Signal, what: Signal, at: number, lag: number, length: number): number {
  let sum = 0;
  for (let index = at; index < at + length; index++) {
    sum += what.values[index]! * where.values[index + lag]!;
  }
  return sum;
}

/** Near silence in the recording (40 dB under the sample) is no evidence of anything. */
function normalised(product: number, energy: number, energyThere: number): number {
  return energyThere <= energy * 1e-4 ? 0 : product / Math.sqrt(energy * energyThere);
}

function judge(track: readonly Frame[], what: Signal, from: number): Found | undefined {
  // One frame alone may be chance: a hit counts with another hit among its audible neighbours.
  const audible = track.filter((frame) => frame.audible);
  const hit = (frame: Frame | undefined): boolean =>
    frame !== undefined && frame.score >= frameHeard;
  const heard = audible.filter(
    (frame, index) => hit(frame) && (hit(audible[index - 1]) || hit(audible[index + 1])),
  );
  const first = heard[0];
  const last = heard.at(-1);
  const edges = audibleEdges(what);
  if (first === undefined || last === undefined) return undefined;
  if (heard.length < Math.min(fewestFrames, edges.frames / 2)) return undefined;
  let weighted = 0;
  let weight = 0;
  for (const frame of heard) {
    const energy = what.energy(frame.at, frameLength);
    weighted += frame.score * energy;
    weight += energy;
  }
  const firstMs = first.at / samplesPerMs;
  const lastMs = Math.min(last.at + frameLength, what.length) / samplesPerMs;
  const complete = firstMs <= edges.fromMs + 60 && lastMs >= edges.toMs - 60;
  return {
    offsetMs: (first.lag + from) / samplesPerMs,
    score: weighted / weight,
    heardFromMs: firstMs <= edges.fromMs ? 0 : firstMs,
    heardToMs: lastMs,
    coverage: heard.length / edges.frames,
    complete,
  };
}

/** The first and last audible instants of a sample, and how many audible frames it has. */
function audibleEdges(what: Signal): { fromMs: number; toMs: number; frames: number } {
  const starts: number[] = [];
  for (let at = 0; at < what.length; at += frameLength) {
    if (what.isAudible(at, Math.min(frameLength, what.length - at))) starts.push(at);
  }
  return {
    fromMs: (starts[0] ?? 0) / samplesPerMs,
    toMs: Math.min((starts.at(-1) ?? 0) + frameLength, what.length) / samplesPerMs,
    frames: Math.max(1, starts.length),
  };
}
