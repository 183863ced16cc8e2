import type { SocketAddress } from '../base/address.ts';
import type { CodecName } from '../model/trunk.ts';
import { audioCodec, telephoneEvent, withEvents } from '../sdp/audio-codecs.ts';
import type { Codec, Direction, SessionDescription } from '../sdp/session-description.ts';

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
};

/** What one side of a description can do. */
export type Ability = {
  readonly codecs: readonly CodecName[];
  readonly telephoneEvent: boolean;
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
    };
  }
  return undefined;
}

/** The answer that says what was agreed: RFC 3264 section 6.1. */
export function describeAnswer(
  agreement: Agreement,
  local: { readonly address: SocketAddress; readonly version: number; readonly sessionId: string },
): SessionDescription {
  const { codec, payloadType, clockRate, eventPayloadType, direction } = agreement;
  const codecs: Codec[] = [{ ...audioCodec(codec), payloadType }];
  if (eventPayloadType !== undefined) {
    codecs.push({ ...telephoneEvent(clockRate), payloadType: eventPayloadType });
  }
  return describe(codecs, opposite[direction], local);
}

/** An offer of ours: a late one, or hold by re-INVITE (RFC 3264 section 8.4). */
export function describeOffer(
  ability: Ability,
  direction: Direction,
  local: { readonly address: SocketAddress; readonly version: number; readonly sessionId: string },
): SessionDescription {
  const codecs = ability.telephoneEvent
    ? withEvents(ability.codecs)
    : ability.codecs.map((name) => audioCodec(name));
  return describe(codecs, direction, local);
}

function describe(
  codecs: readonly Codec[],
  direction: Direction,
  local: { readonly address: SocketAddress; readonly version: number; readonly sessionId: string },
): SessionDescription {
  const { host, port } = local.address;
  return {
    origin: {
      username: 'phone',
      sessionId: local.sessionId,
      sessionVersion: local.version,
      address: host,
    },
    media: [
      { kind: 'audio', port, protocol: 'RTP/AVP', address: host, direction, codecs, ptime: 20 },
    ],
  };
}
