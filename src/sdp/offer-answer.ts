import { isIP } from 'node:net';
import type { SocketAddress } from '../base/address.ts';
import {
  type AudioCodecName,
  audioCodec,
  comfortNoise,
  eventAt,
  isAudioCodecName,
  isSameCodec,
  noiseAt,
  slowEventBeside,
  withEvents,
} from './audio-codecs.ts';
import type {
  Codec,
  Direction,
  MediaDescription,
  SessionDescription,
} from './session-description.ts';

/** Our side of a description: who and where we are, and what we can do, in order of preference. */
export type LocalAudio = {
  readonly sessionId: string;
  /** The version of a first description; a later one counts on from `previous`. */
  readonly version: number;
  /** Where RTP is received: named in o= and c=. */
  readonly address: string;
  readonly port: number;
  readonly codecs: readonly AudioCodecName[];
  /** Our last description in this dialog: its m= lines are kept, its version goes up if anything changed. */
  readonly previous?: SessionDescription;
};

/** What both sides agreed on for the one audio stream. */
export type NegotiatedAudio = {
  readonly codec: AudioCodecName;
  /** Of what we send; the peer chose the number. */
  readonly payloadType: number;
  /** Of what we receive. The same but for unusual peers. */
  readonly receivePayloadType: number;
  /** Of the telephone-events we send (RFC 4733); undefined: the peer takes none. */
  readonly telephoneEventPayloadType?: number;
  readonly receiveTelephoneEventPayloadType?: number;
  /** The same at 8000 Hz beside a codec of another clock rate: sent only if there is no other. */
  readonly slowTelephoneEventPayloadType?: number;
  readonly receiveSlowTelephoneEventPayloadType?: number;
  /** Of comfort noise (RFC 3389), where the peer takes it, and where it was told that we do. */
  readonly comfortNoisePayloadType?: number;
  readonly receiveComfortNoisePayloadType?: number;
  /** Where RTP is sent. Meaningless while the direction is `recvonly` or `inactive`. */
  readonly remote: SocketAddress;
  /** As seen from here: `recvonly`: we only hear, `sendonly`: we only speak. */
  readonly direction: Direction;
  /** Milliseconds of sound a packet that the peer would like, within its `maxptime`; 20 when it says nothing. */
  readonly ptime: number;
  /** More than so many it cannot take; undefined: it did not say. */
  readonly maxptime?: number;
};

/** Why nothing was agreed, for people: goes into logs, and into the Warning of a 488. */
export type NegotiationProblem = { readonly problem: string };

const usualPtime = 20;

/** An offer of one audio stream: RFC 3264 section 5; a later one in the same dialog: section 8. */
export function makeOffer(local: LocalAudio): SessionDescription {
  const audio: MediaDescription = {
    kind: 'audio',
    port: local.port,
    protocol: 'RTP/AVP',
    address: local.address,
    direction: 'sendrecv',
    codecs: withEvents(local.codecs),
    ptime: usualPtime,
  };
  // Streams are never taken away: one the peer once offered stays in its place, refused.
  const before = local.previous?.media ?? [];
  const place = Math.max(
    0,
    before.findIndex((media) => media.kind === 'audio' && media.port !== 0),
  );
  const media = before.map((other, index) =>
    index === place ? audio : refusal(other, local.address),
  );
  return versioned(local, media.length === 0 ? [audio] : media);
}

/**
 * Reads the answer to our offer (RFC 3264 section 7): the first codec of the answer that we offered,
 * where RTP goes, and who may speak.
 */
export function applyAnswer(
  offer: SessionDescription,
  answer: SessionDescription,
): NegotiatedAudio | NegotiationProblem {
  const place = offer.media.findIndex((media) => media.kind === 'audio' && media.port !== 0);
  const ours = offer.media[place];
  if (ours === undefined) return { problem: 'nothing was offered' };
  // Deviation: RFC 3264 section 6 has the answer keep the order of m= lines; some phones answer with
  // the audio stream alone, and it is taken wherever it stands.
  const theirs = isUsable(answer.media[place]) ? answer.media[place] : answer.media.find(isUsable);
  if (theirs === undefined) return { problem: whyUnusable(answer) };
  const common = firstCommon(theirs.codecs, ours.codecs);
  if (common === undefined) return { problem: noCommonCodec(theirs, ours) };
  return negotiated(common, theirs, ours);
}

/**
 * Answers an offer of the peer (RFC 3264 section 6): the first codec, in its order, that we have;
 * every other stream refused in its place; the direction mirrored.
 */
export function makeAnswer(
  remoteOffer: SessionDescription,
  local: LocalAudio,
): { readonly answer: SessionDescription; readonly chosen: NegotiatedAudio } | NegotiationProblem {
  const able = withEvents(local.codecs);
  const place = remoteOffer.media.findIndex(
    (media) => isUsable(media) && firstCommon(media.codecs, able) !== undefined,
  );
  const theirs = remoteOffer.media[place];
  if (theirs === undefined) {
    const audio = remoteOffer.media.find(isUsable);
    return {
      problem:
        audio === undefined ? whyUnusable(remoteOffer) : noCommonCodec(audio, { codecs: able }),
    };
  }
  const common = firstCommon(theirs.codecs, able)!;
  const codec = { ...audioCodec(common.name), payloadType: common.theirs.payloadType };
  const theirEvent =
    eventAt(codec.clockRate, theirs.codecs) ?? slowEventBeside(codec.clockRate, theirs.codecs);
  const event = theirEvent && eventAt(theirEvent.clockRate, able);
  const theirNoise = noiseAt(codec.clockRate, theirs.codecs);
  const ours: MediaDescription = {
    kind: 'audio',
    port: local.port,
    protocol: theirs.protocol,
    address: local.address,
    direction: mirrored(directionOf(theirs)),
    // The numbers are the peer's: RFC 3264 section 6.1.
    codecs: [
      codec,
      ...renumbered(event, theirEvent?.payloadType),
      ...renumbered(comfortNoise, theirNoise?.payloadType),
    ],
    ptime: usualPtime,
  };
  const media = remoteOffer.media.map((other, index) =>
    index === place ? ours : refusal(other, local.address),
  );
  return {
    answer: versioned(local, media),
    chosen: negotiated(common, theirs, ours, ours.direction),
  };
}

type CommonCodec = {
  readonly name: AudioCodecName;
  readonly theirs: Codec;
  readonly ours: Codec;
};

function negotiated(
  common: CommonCodec,
  theirs: MediaDescription,
  ours: MediaDescription,
  direction = both(ours.direction, mirrored(directionOf(theirs))),
): NegotiatedAudio {
  const { clockRate } = common.ours;
  const ptime = theirs.ptime ?? usualPtime;
  const { maxptime } = theirs;
  return {
    codec: common.name,
    payloadType: common.theirs.payloadType,
    receivePayloadType: common.ours.payloadType,
    ...numbered('telephoneEventPayloadType', eventAt(clockRate, theirs.codecs)),
    ...numbered('receiveTelephoneEventPayloadType', eventAt(clockRate, ours.codecs)),
    ...numbered('slowTelephoneEventPayloadType', slowEventBeside(clockRate, theirs.codecs)),
    ...numbered('receiveSlowTelephoneEventPayloadType', slowEventBeside(clockRate, ours.codecs)),
    ...numbered('comfortNoisePayloadType', noiseAt(clockRate, theirs.codecs)),
    ...numbered('receiveComfortNoisePayloadType', noiseAt(clockRate, ours.codecs)),
    remote: { host: theirs.address, port: theirs.port },
    direction,
    ptime: Math.min(ptime, maxptime ?? ptime),
    ...(maxptime === undefined ? {} : { maxptime }),
  };
}

function numbered<Name extends string>(
  name: Name,
  codec: Codec | undefined,
): { readonly [Key in Name]?: number } {
  return (codec === undefined ? {} : { [name]: codec.payloadType }) as { [Key in Name]?: number };
}

/** A codec of ours under the number the peer gave it; nothing if it gave none. */
function renumbered(codec: Codec | undefined, payloadType: number | undefined): readonly Codec[] {
  return codec === undefined || payloadType === undefined ? [] : [{ ...codec, payloadType }];
}

/** The first of theirs that is among ours. Events and comfort noise alone carry no voice. */
function firstCommon(theirs: readonly Codec[], ours: readonly Codec[]): CommonCodec | undefined {
  for (const codec of theirs) {
    const mine = ours.find((own) => isSameCodec(codec, own));
    if (mine !== undefined && isAudioCodecName(mine.name)) {
      return { name: mine.name, theirs: codec, ours: mine };
    }
  }
  return undefined;
}

/** Unencrypted RTP at an address one can send to, or on hold. */
function isUsable(media: MediaDescription | undefined): media is MediaDescription {
  return (
    media !== undefined &&
    media.kind === 'audio' &&
    media.port !== 0 &&
    isPlainRtp(media) &&
    isUnicast(media.address)
  );
}

/** AVPF without the feedback is AVP; what it adds is for video. */
function isPlainRtp(media: MediaDescription): boolean {
  return media.protocol === 'RTP/AVP' || media.protocol === 'RTP/AVPF';
}

/** A peer must not turn our RTP on a group or a whole network. */
function isUnicast(address: string): boolean {
  if (isIP(address) === 4) {
    const first = Number(address.split('.')[0]);
    return first < 224 && (first !== 0 || isBlackHole(address));
  }
  return isIP(address) === 6 && !/^ff/i.test(address);
}

function isBlackHole(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}

function whyUnusable(description: SessionDescription): string {
  const audio = description.media.filter((media) => media.kind === 'audio');
  if (audio.length === 0) return 'the description holds no audio';
  const open = audio.filter((media) => media.port !== 0);
  if (open.length === 0) return 'the audio stream is refused (port 0)';
  const plain = open.find(isPlainRtp);
  if (plain === undefined) return `the audio protocol is ${open[0]!.protocol}; RTP/AVP is served`;
  return `audio cannot be sent to the address "${plain.address}"`;
}

function noCommonCodec(theirs: MediaDescription, ours: Pick<MediaDescription, 'codecs'>): string {
  const names = (codecs: readonly Codec[]): string =>
    codecs.map((codec) => codec.name).join(', ') || 'none';
  return `no common codec: theirs ${names(theirs.codecs)}; ours ${names(ours.codecs)}`;
}

/**
 * What the peer does, in its own view. The address 0.0.0.0 is the hold of RFC 2543: it hears nothing,
 * whatever its direction says (RFC 3264 section 8.4).
 */
function directionOf(media: MediaDescription): Direction {
  return isBlackHole(media.address) ? both(media.direction, 'sendonly') : media.direction;
}

/** The same stream from the other end. */
function mirrored(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly';
  if (direction === 'recvonly') return 'sendonly';
  return direction;
}

/** What two directions, both in one view, leave open. */
function both(a: Direction, b: Direction): Direction {
  const sends = maySend(a) && maySend(b);
  const receives = mayReceive(a) && mayReceive(b);
  if (sends) return receives ? 'sendrecv' : 'sendonly';
  return receives ? 'recvonly' : 'inactive';
}

/** Whether the side whose view this is may speak. */
export function maySend(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}

/** Whether the side whose view this is hears the other. */
export function mayReceive(direction: Direction): boolean {
  return direction === 'sendrecv' || direction === 'recvonly';
}

/** A stream refused in its place: RFC 3264 section 6. */
function refusal({ kind, protocol, codecs }: MediaDescription, address: string): MediaDescription {
  return { kind, port: 0, protocol, address, direction: 'inactive', codecs: codecs.slice(0, 1) };
}

/** The version goes up by one if, and only if, anything else changed: RFC 3264 section 8. */
function versioned(local: LocalAudio, media: readonly MediaDescription[]): SessionDescription {
  const { previous, sessionId, address, version } = local;
  const first = { username: '-', sessionId, sessionVersion: version, address };
  if (previous === undefined) return { origin: first, media };
  const same = { origin: { ...first, sessionVersion: previous.origin.sessionVersion }, media };
  if (JSON.stringify(same) === JSON.stringify(previous)) return previous;
  return { ...same, origin: { ...first, sessionVersion: previous.origin.sessionVersion + 1 } };
}
