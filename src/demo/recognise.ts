/** A sound the listener knows: 8 kHz, mono. A looped one goes on from its start after its end. */
export type KnownSound = {
  readonly name: string;
  readonly samples: Int16Array;
  readonly loops: boolean;
};

/** A stretch of one known sound, or of something else, in what an ear heard. Times as in the recording. */
export type HeardPiece = {
  /** undefined: a sound that is none of the known ones, or a mix. */
  readonly name: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  /** Since when the silence before it is its own: it began in a pause. */
  readonly sinceMs: number;
  /** Until when the silence after it is its own: a pause of speech, the cadence of a tone. */
  readonly lastsToMs: number;
  /** Where in the known sound it begins; it goes on from there, around the loop if it loops. */
  readonly sourceFromMs: number;
};

const samplesPerMs = 8;
const frame = 160;
/** Compared at a time while a sound is followed: long enough to hold more than a pause of speech. */
const followed = 3 * frame;
/** Compared to find a sound again in all that is known. */
const searched = 12 * frame;
const decimation = 4;
/** Correlation that counts as the same: G.711 leaves 0.99 and more, anything mixed in takes it below. */
const alike = 0.98;
/** What a peak of the coarse search must reach, and how many are looked at. */
const leastCoarse = 0.3;
const mostPeaks = 24;
/** Two sounds may be alike for some periods of a vowel: less than this is no find. */
const shortest = 5 * frame;
/** Root mean square below which nothing is heard. */
const quiet = 40;

/**
 * Says what a recording consists of, by correlation with the sounds that are known: what, from when to
 * when, and from which place of the sound on. Silence is left out. Gain does not matter, a mix of two
 * sounds is nothing known. Pure.
 */
export function recognise(
  recording: { readonly startMs: number; readonly samples: Int16Array },
  known: readonly KnownSound[],
): HeardPiece[] {
  const sources = known.map(toSource).sort((a, b) => a.samples.length - b.samples.length);
  const { samples, startMs } = recording;
  const pieces: HeardPiece[] = [];
  const toMs = (at: number): number => startMs + at / samplesPerMs;
  // To look everywhere is slow, so what was not found is looked for again only now and then; the
  // frames between are taken back when it is found.
  let searchAgainAt = 0;
  let last: { readonly found: Found; readonly at: number } | undefined;
  for (let at = 0; at + frame <= samples.length; ) {
    if (level(samples, at, frame) < quiet) {
      at += frame;
      continue;
    }
    const goesOn = last && { ...last.found, offset: last.found.offset + at - last.at };
    const found =
      (goesOn && best(samples, at, goesOn, decimation)) ??
      find(samples, at, sources, at >= searchAgainAt);
    const follows = found && follow(samples, at, found);
    if (!found || !follows || follows.lastsTo - at < shortest) {
      if (at >= searchAgainAt) searchAgainAt = at + 5 * frame;
      addUnknown(pieces, toMs(at), toMs(at + frame));
      at += frame;
      continue;
    }
    const { end, lastsTo } = follows;
    last = { found, at };
    const begin = pullBack(samples, at, found, pieces, startMs);
    const before = { source: found.source, offset: found.offset - (at - begin) };
    pieces.push({
      name: found.source.name,
      sinceMs: toMs(pauseBefore(samples, begin, before)),
      fromMs: toMs(begin),
      toMs: toMs(end),
      lastsToMs: toMs(lastsTo),
      sourceFromMs: wrap(found.offset - (at - begin), found.source) / samplesPerMs,
    });
    at = end;
  }
  return pieces;
}

type Source = KnownSound & {
  /** Where its first sound is. */
  readonly onset: number;
  readonly coarse: Float32Array;
  readonly coarseEnergy: Float64Array;
};
/** `offset`: the place in the source that stands at the recording's place looked at. */
type Found = { readonly source: Source; readonly offset: number };

function toSource(sound: KnownSound): Source {
  // A looped sound is searched once around, so that its seam is found too.
  const around = sound.loops ? searched : 0;
  const samples = new Int16Array(sound.samples.length + around);
  samples.set(sound.samples);
  if (around > 0) samples.set(sound.samples.subarray(0, around), sound.samples.length);
  const coarse = decimate(samples, 0, samples.length);
  const coarseEnergy = new Float64Array(coarse.length + 1);
  for (let k = 0; k < coarse.length; k++) {
    coarseEnergy[k + 1] = coarseEnergy[k]! + coarse[k]! * coarse[k]!;
  }
  let onset = 0;
  while (onset < sound.samples.length && level(sound.samples, onset, frame) < quiet) onset += frame;
  return { ...sound, onset, coarse, coarseEnergy };
}

function decimate(samples: Int16Array, from: number, to: number): Float32Array {
  const coarse = new Float32Array(Math.floor((to - from) / decimation));
  for (let k = 0; k < coarse.length; k++) {
    let sum = 0;
    for (let j = 0; j < decimation; j++) sum += samples[from + k * decimation + j]!;
    coarse[k] = sum / decimation;
  }
  return coarse;
}

/**
 * The known sound and place that the recording has at `at`, if any. Most sounds begin at their
 * beginning, so that is tried first; then, if `everywhere`, all places, the long sounds last.
 */
function find(
  samples: Int16Array,
  at: number,
  sources: readonly Source[],
  everywhere: boolean,
): Found | undefined {
  const length = Math.min(searched, samples.length - at);
  if (length < followed) return undefined;
  for (const source of sources) {
    const found = best(samples, at, { source, offset: source.onset }, frame);
    if (found !== undefined) return found;
  }
  if (!everywhere) return undefined;
  const window = decimate(samples, at, at + length);
  for (const source of sources) {
    for (const offset of coarseOffsets(window, source)) {
      const found = best(samples, at, { source, offset: offset * decimation }, decimation);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** The best place within `reach` samples of a guess, if the recording is that sound there. */
function best(samples: Int16Array, at: number, guess: Found, reach: number): Found | undefined {
  let most = 0;
  let found: Found | undefined;
  for (let shift = -reach; shift <= reach; shift++) {
    const here = { source: guess.source, offset: guess.offset + shift };
    if (correlation(samples, at, followed, here) < alike) continue;
    // A short window sees that it is alike, a long one where; but the sound may end within that.
    const length = Math.min(searched, samples.length - at);
    const likeness = Math.max(correlation(samples, at, length, here), alike);
    if (likeness <= most) continue;
    most = likeness;
    found = here;
  }
  return found;
}

/** Places worth a closer look, the likeliest first: between the coarse samples much can be lost. */
function coarseOffsets(window: Float32Array, source: Source): number[] {
  const { coarse, coarseEnergy } = source;
  const energy = window.reduce((sum, value) => sum + value * value, 0);
  const peaks: { offset: number; likeness: number }[] = [];
  let rising = 0;
  let previous = 0;
  for (let offset = 0; offset + window.length / 4 <= coarse.length; offset++) {
    const length = Math.min(window.length, coarse.length - offset);
    const own = coarseEnergy[offset + length]! - coarseEnergy[offset]!;
    let sum = 0;
    for (let k = 0; k < length; k++) sum += window[k]! * coarse[offset + k]!;
    const likeness = own <= 0 ? 0 : sum / Math.sqrt(own * energy);
    if (rising > 0 && likeness < previous && previous > leastCoarse) {
      peaks.push({ offset: offset - 1, likeness: previous });
    }
    rising = likeness - previous;
    previous = likeness;
  }
  peaks.sort((a, b) => b.likeness - a.likeness);
  return peaks.slice(0, mostPeaks).map(({ offset }) => offset);
}

/** Goes on while the recording is this sound, or both are silent; tells where that ends. */
function follow(samples: Int16Array, at: number, found: Found): { end: number; lastsTo: number } {
  let end = at + frame;
  let lastsTo = end;
  for (let next = at; next + frame <= samples.length; next += frame) {
    const here = { source: found.source, offset: found.offset + next - at };
    if (!found.source.loops && here.offset >= found.source.samples.length) break;
    const length = Math.min(followed, samples.length - next);
    const sameFrame = correlation(samples, next, frame, here) >= alike;
    if (!sameFrame && correlation(samples, next, length, here) < alike) {
      if (!bothQuiet(samples, next, here)) break;
      lastsTo = next + frame;
      continue; // A pause belongs to the piece only if the sound goes on after it.
    }
    end = Math.max(end, next + frame);
    lastsTo = end;
  }
  return { end, lastsTo };
}

/** Takes frames before `at` that were not known yet, but are this sound. */
function pullBack(
  samples: Int16Array,
  at: number,
  found: Found,
  pieces: HeardPiece[],
  startMs: number,
): number {
  let begin = at;
  const last = pieces.at(-1);
  if (last === undefined || last.name !== undefined) return begin;
  const limit = Math.round((last.fromMs - startMs) * samplesPerMs);
  for (let back = at - frame; back >= limit; back -= frame) {
    const here = { source: found.source, offset: found.offset - (at - back) };
    if (!found.source.loops && here.offset < 0) break;
    if (correlation(samples, back, frame, here) >= alike) begin = back;
    else if (!bothQuiet(samples, back, here)) break;
  }
  if (begin === at) return begin;
  pieces.pop();
  const fromMs = startMs + begin / samplesPerMs;
  if (fromMs > last.fromMs) pieces.push({ ...last, toMs: fromMs, lastsToMs: fromMs });
  return begin;
}

/** How far back the silence before a piece is a pause of its sound. */
function pauseBefore(samples: Int16Array, begin: number, found: Found): number {
  let at = begin;
  while (at - frame >= 0) {
    const here = { source: found.source, offset: found.offset - (begin - at) - frame };
    if (!found.source.loops && here.offset < 0) break;
    if (!bothQuiet(samples, at - frame, here)) break;
    at -= frame;
  }
  return at;
}

function addUnknown(pieces: HeardPiece[], fromMs: number, toMs: number): void {
  const last = pieces.at(-1);
  if (last !== undefined && last.name === undefined && last.toMs === fromMs) {
    pieces[pieces.length - 1] = { ...last, toMs, lastsToMs: toMs };
  } else {
    pieces.push({
      name: undefined,
      sinceMs: fromMs,
      fromMs,
      toMs,
      lastsToMs: toMs,
      sourceFromMs: 0,
    });
  }
}

function wrap(offset: number, source: Source): number {
  const length = source.samples.length;
  return source.loops ? ((offset % length) + length) % length : offset;
}

const sampleAt = (source: Source, offset: number): number =>
  source.samples[wrap(offset, source)] ?? 0;

function correlation(samples: Int16Array, at: number, length: number, found: Found): number {
  const { samples: source, loops } = found.source;
  let place = wrap(found.offset, found.source);
  let product = 0;
  let own = 0;
  let other = 0;
  for (let k = 0; k < length; k++, place++) {
    if (loops && place === source.length) place = 0;
    const a = samples[at + k] ?? 0;
    const b = source[place] ?? 0;
    product += a * b;
    own += a * a;
    other += b * b;
  }
  return own === 0 || other === 0 ? 0 : product / Math.sqrt(own * other);
}

function bothQuiet(samples: Int16Array, at: number, found: Found): boolean {
  const own = Int16Array.from({ length: frame }, (_, k) =>
    sampleAt(found.source, found.offset + k),
  );
  return level(samples, at, frame) < quiet && level(own, 0, frame) < 2 * quiet;
}

/** Root mean square. */
export function level(samples: Int16Array, at: number, length: number): number {
  let sum = 0;
  for (let k = at; k < at + length; k++) sum += (samples[k] ?? 0) ** 2;
  return Math.sqrt(sum / length);
}
