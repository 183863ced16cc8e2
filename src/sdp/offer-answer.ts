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
import {
  answeredCrypto,
  chosenCrypto,
  isPlainProfile,
  isSecureProfile,
  type LocalSrtp,
  type NegotiatedCrypto,
  offeredCrypto,
} from './crypto-negotiation.ts';
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
  /** Undefined: no SRTP. */
  readonly srtp?: LocalSrtp;
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
  /** RTCP goes with RTP on one port (RFC 5761), else from port to port beside it. */
  readonly rtcpMux: boolean;
  /** Where the peer takes RTCP: its port of RTP, the next one, or what its a=rtcp says (RFC 3605). */
  readonly remoteRtcpPort: number;
  /** Undefined: plain RTP. */
  readonly crypto?: NegotiatedCrypto;
};

/** Why nothing was agreed, for people: goes into logs, and into the Warning of a 488. */
export type NegotiationProblem = { readonly problem: string };

const usualPtime = 20;

/** An offer of one audio stream: RFC 3264 section 5; a later one in the same dialog: section 8. */
export function makeOffer(local: LocalAudio): SessionDescription {
  // Streams are never taken away: one the peer once offered stays in its place, refused.
  const before = local.previous?.media ?? [];
  const place = Math.max(
    0,
    before.findIndex((media) => media.kind === 'audio' && media.port !== 0),
  );
  const audio: MediaDescription = {
    kind: 'audio',
    port: local.port,
    address: local.address,
    direction: 'sendrecv',
    codecs: withEvents(local.codecs),
    ptime: usualPtime,
    rtcpMux: true,
    ...offeredCrypto(local.srtp, before[place]),
  };
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
  const crypto = chosenCrypto(ours, theirs);
  if (crypto !== undefined && 'problem' in crypto) return crypto;
  return negotiated(common, theirs, ours, { ...(crypto && { crypto }) });
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
  const place = answerable(remoteOffer, able, local.srtp);
  const theirs = remoteOffer.media[place];
  if (theirs === undefined) {
    const audio = remoteOffer.media.find(isUsable);
    return {
      problem:
        audio === undefined ? whyUnusable(remoteOffer) : noCommonCodec(audio, { codecs: able }),
    };
  }
  const secured = answeredCrypto(theirs, local.srtp);
  if ('problem' in secured) return secured;
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
    ...(theirs.rtcpMux && { rtcpMux: true }),
    ...(secured.line && { crypto: [secured.line] }),
  };
  const media = remoteOffer.media.map((other, index) =>
    index === place ? ours : refusal(other, local.address),
  );
  return {
    answer: versioned(local, media),
    chosen: negotiated(common, theirs, ours, {
      direction: ours.direction,
      ...(secured.keys && { crypto: secured.keys }),
    }),
  };
}

/**
 * The place of the audio to answer: of a pair that offers the same with and without SRTP the secure
 * one, where we have SRTP; -1: none.
 */
function answerable(
  { media }: SessionDescription,
  able: readonly Codec[],
  srtp: LocalSrtp | undefined,
): number {
  const isPossible = (one: MediaDescription): boolean =>
    isUsable(one) && firstCommon(one.codecs, able) !== undefined;
  const isSecured = (one: MediaDescription): boolean =>
    isPossible(one) && one.crypto !== undefined && !('problem' in answeredCrypto(one, srtp));
  const secured = srtp === undefined ? -1 : media.findIndex(isSecured);
  if (secured >= 0) return secured;
  const plain = media.findIndex((one) => isPossible(one) && isPlainProfile(one));
  return plain >= 0 ? plain : media.findIndex(isPossible);
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
  {
    direction = both(ours.direction, mirrored(directionOf(theirs))),
    crypto,
  }: { readonly direction?: Direction; readonly crypto?: NegotiatedCrypto },
): NegotiatedAudio {
  const rtcpMux = theirs.rtcpMux === true && ours.rtcpMux === true;
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
    rtcpMux,
    // A port of 65535 has none beside it; then nothing can be sent.
    remoteRtcpPort: rtcpMux ? theirs.port : (theirs.rtcpPort ?? (theirs.port + 1) % 0x1_0000),
    ...(crypto && { crypto }),
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

/** RTP at an address one can send to, or on hold. */
function isUsable(media: MediaDescription | undefined): media is MediaDescription {
  return (
    media !== undefined &&
    media.kind === 'audio' &&
    media.port !== 0 &&
    isServedProfile(media) &&
    isUnicast(media.address)
  );
}

/** DTLS-SRTP (UDP/TLS/RTP/SAVPF) is not. */
function isServedProfile(media: MediaDescription): boolean {
  return isPlainProfile(media) || isSecureProfile(media);
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
  const served = open.find(isServedProfile);
  if (served === undefined) {
    return `the audio protocol is ${open[0]!.protocol}; RTP/AVP and RTP/SAVP are served`;
  }
  return `audio cannot be sent to the address "${served.address}"`;
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
