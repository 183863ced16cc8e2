import type { SocketAddress } from '../base/address.ts';
import type { CodecName } from '../model/trunk.ts';
import { audioCodec, telephoneEvent, withEvents } from '../sdp/audio-codecs.ts';
import type { CryptoAttribute } from '../sdp/crypto-attribute.ts';
import type {
  Codec,
  Direction,
  MediaDescription,
  SessionDescription,
} from '../sdp/session-description.ts';

/** What a phone agreed on with its caller. */
export type Agreement = {
  readonly codec: CodecName;
  readonly payloadType: number;
  readonly clockRate: number;
  /** undefined: keys cannot be sent as telephone-events. */
  readonly eventPayloadType: number | undefined;
  /** Where its RTP goes. */
  readonly remote: SocketAddress;
  /** What the caller wants to do, seen from the caller. */
  readonly direction: Direction;
  readonly protocol: string;
  /** undefined: plain RTP. The key is the caller's. */
  readonly crypto: CryptoAttribute | undefined;
};

/** What one side of a description can do. */
export type Ability = {
  readonly codecs: readonly CodecName[];
  readonly telephoneEvent: boolean;
  readonly srtp: boolean;
};

const opposite: Record<Direction, Direction> = {
  sendrecv: 'sendrecv',
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  inactive: 'inactive',
};

/** Picks the best codec both know; undefined when there is none, or no audio: RFC 3264 section 6. */
export function agree(description: SessionDescription, ability: Ability): Agreement | undefined {
  const audio = description.media.find(({ kind, port }) => kind === 'audio' && port !== 0);
  if (audio === undefined) return undefined;
  const crypto = ability.srtp ? audio.crypto?.find(({ suite }) => suite === phoneSuite) : undefined;
  if (audio.protocol === 'RTP/SAVP' && crypto === undefined) return undefined;
  const find = (name: string, clockRate: number): Codec | undefined =>
    audio.codecs.find(
      (codec) => codec.name.toUpperCase() === name.toUpperCase() && codec.clockRate === clockRate,
    );
  for (const codec of ability.codecs) {
    const { clockRate } = audioCodec(codec);
    const found = find(codec, clockRate);
    if (found === undefined) continue;
    const event = ability.telephoneEvent ? find('telephone-event', clockRate) : undefined;
    return {
      codec,
      payloadType: found.payloadType,
      clockRate,
      eventPayloadType: event?.payloadType,
      remote: { host: audio.address, port: audio.port },
      direction: audio.direction,
      protocol: audio.protocol,
      crypto,
    };
  }
  return undefined;
}

/** The one that every phone with SRTP has: RFC 4568 section 6.2.1. */
const phoneSuite = 'AES_CM_128_HMAC_SHA1_80' as const;

/** Who a phone is in its descriptions. */
type Local = {
  readonly address: SocketAddress;
  readonly version: number;
  readonly sessionId: string;
  /** Its key for what it sends. */
  readonly srtpKey: string;
};

/** The answer that says what was agreed: RFC 3264 section 6.1. */
export function describeAnswer(agreement: Agreement, local: Local): SessionDescription {
  const { codec, payloadType, clockRate, eventPayloadType, direction, protocol, crypto } =
    agreement;
  const codecs: Codec[] = [{ ...audioCodec(codec), payloadType }];
  if (eventPayloadType !== undefined) {
    codecs.push({ ...telephoneEvent(clockRate), payloadType: eventPayloadType });
  }
  const own = crypto && { tag: crypto.tag, suite: phoneSuite, key: local.srtpKey };
  return describe(codecs, opposite[direction], local, { protocol, ...(own && { crypto: [own] }) });
}

/** An offer of ours: a late one, or hold by re-INVITE (RFC 3264 section 8.4), encrypted as before. */
export function describeOffer(
  ability: Ability,
  direction: Direction,
  local: Local,
  before: Agreement | undefined,
): SessionDescription {
  const codecs = ability.telephoneEvent
    ? withEvents(ability.codecs)
    : ability.codecs.map((name) => audioCodec(name));
  const own = { tag: 1, suite: phoneSuite, key: local.srtpKey } as const;
  return describe(codecs, direction, local, {
    protocol: before?.protocol ?? 'RTP/AVP',
    ...(before?.crypto && { crypto: [own] }),
  });
}

function describe(
  codecs: readonly Codec[],
  direction: Direction,
  local: Local,
  security: Pick<MediaDescription, 'protocol' | 'crypto'>,
): SessionDescription {
  const { host, port } = local.address;
  return {
    origin: {
      username: 'phone',
      sessionId: local.sessionId,
      sessionVersion: local.version,
      address: host,
    },
    media: [{ kind: 'audio', port, address: host, direction, codecs, ptime: 20, ...security }],
  };
}
