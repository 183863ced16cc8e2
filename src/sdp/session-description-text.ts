import { parse, write } from 'sdp-transform';
import { type CryptoAttribute, parseCryptoAttribute } from './crypto-attribute.ts';
import type {
  Codec,
  Direction,
  MediaDescription,
  SessionDescription,
} from './session-description.ts';

/** A description that cannot be used; the message says what is wrong with it, in words. */
export class SdpError extends Error {
  override readonly name = 'SdpError';
}

/** Far above any real description (a browser's is 6 kB), far below what would stall the reader. */
const longestText = 32_768;
const mostLines = 1_000;
const mostMedia = 32;

/** Payload types that need no rtpmap: RFC 3551 section 6, the audio ones with 8-bit clock rates. */
const staticPayloadTypes: ReadonlyMap<number, readonly [name: string, clockRate: number]> = new Map(
  [
    [0, ['PCMU', 8000]],
    [3, ['GSM', 8000]],
    [4, ['G723', 8000]],
    [5, ['DVI4', 8000]],
    [7, ['LPC', 8000]],
    [8, ['PCMA', 8000]],
    [9, ['G722', 8000]],
    [13, ['CN', 8000]],
    [15, ['G728', 8000]],
    [18, ['G729', 8000]],
    [26, ['JPEG', 90_000]],
    [31, ['H261', 90_000]],
    [34, ['H263', 90_000]],
  ],
);

type Parsed = ReturnType<typeof parse>;
type ParsedMedia = Parsed['media'][number];

/**
 * Reads a description as a peer sent it (RFC 8866). Lenient where phones in the field are careless:
 * line ends, missing o= or s=, unknown attributes. Throws SdpError when a call cannot rely on it.
 * Deviation: RFC 8866 section 5 has parsers refuse a description without o=, s= or t=; here it passes.
 */
export function parseSessionDescription(text: string): SessionDescription {
  const parsed = parse(checkedText(text));
  if (parsed.media.length > mostMedia) throw new SdpError(`more than ${mostMedia} m= lines`);
  const { origin } = parsed;
  return {
    origin: {
      username: `${origin?.username ?? '-'}`,
      sessionId: `${origin?.sessionId ?? 0}`,
      // A 64-bit version loses its low digits here; only our own versions are ever counted up.
      sessionVersion: Number(origin?.sessionVersion ?? 0),
      address: `${origin?.address ?? ''}`,
    },
    media: parsed.media.map((media, index) => mediaOf(media, parsed, index)),
  };
}

/** Refuses what is no description at all, before the general reader spends time on it. */
function checkedText(text: string): string {
  if (text.length > longestText) {
    throw new SdpError(`${text.length} characters; at most ${longestText} are read`);
  }
  const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(2, '0');
    throw new SdpError(`control character 0x${code} at position ${control.index}`);
  }
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.length > mostLines) throw new SdpError(`more than ${mostLines} lines`);
  if (lines[0]?.trimEnd() !== 'v=0') throw new SdpError('the first line is not v=0');
  return lines.map(tamedLine).join('\r\n');
}

/** Trailing blanks go; `m=audio 4000/1 …` (a number of ports) becomes the form the reader knows. */
function tamedLine(line: string): string {
  return line.trimEnd().replace(/^(m=\S{1,64} \d{1,10})\/\d{1,10} /, '$1 ');
}

function mediaOf(media: ParsedMedia, session: Parsed, index: number): MediaDescription {
  const where = `m= line ${index + 1}`;
  const { type, port, protocol } = media;
  // Both come back in our answer, also of a stream that it refuses.
  if (!isWord(`${type ?? ''}`) || !isWord(`${protocol ?? ''}`)) {
    throw new SdpError(`${where} is malformed`);
  }
  if (!isPort(port)) throw new SdpError(`${where}: port ${port} is out of range`);
  const connection = media.connection ?? session.connection;
  const address = `${connection?.ip ?? ''}`.split('/')[0]!;
  if (address === '' && port !== 0) throw new SdpError(`${where} has no c= line`);
  const rtcpPort = isPort(media.rtcp?.port) && media.rtcp.port !== 0 ? media.rtcp.port : undefined;
  const crypto = cryptoOf(media);
  return {
    kind: `${type}`,
    port,
    protocol: `${protocol}`,
    address,
    direction: (media.direction ?? session.direction ?? 'sendrecv') as Direction,
    codecs: codecsOf(media),
    ...milliseconds('ptime', media.ptime),
    ...milliseconds('maxptime', media.maxptime),
    ...(rtcpPort === undefined ? {} : { rtcpPort }),
    ...(media.rtcpMux === undefined ? {} : { rtcpMux: true as const }),
    ...(crypto.length === 0 ? {} : { crypto }),
  };
}

/** Lines that we cannot use are left out: RFC 4568 section 5.1.2 has them passed over. */
function cryptoOf(media: ParsedMedia): readonly CryptoAttribute[] {
  return (media.crypto ?? []).flatMap(({ id, suite, config, sessionConfig = '' }) => {
    return parseCryptoAttribute(`${id} ${suite} ${config} ${sessionConfig}`) ?? [];
  });
}

/** A packet length that can be one; others are as if they were not there. */
function milliseconds<Name extends string>(
  name: Name,
  value: unknown,
): { readonly [Key in Name]?: number } {
  const ms = Number(value);
  return (ms > 0 && ms <= 1000 ? { [name]: ms } : {}) as { [Key in Name]?: number };
}

/** In the order of the m= line, which is the order of preference: RFC 3264 section 5.1. */
function codecsOf(media: ParsedMedia): readonly Codec[] {
  const rtpmaps = new Map(media.rtp.map((rtp) => [Number(rtp.payload), rtp]));
  const fmtps = new Map(media.fmtp.map((fmtp) => [Number(fmtp.payload), `${fmtp.config}`]));
  const payloadTypes = new Set(
    `${media.payloads ?? ''}`
      .split(' ')
      .filter((word) => /^\d{1,3}$/.test(word) && Number(word) <= 127)
      .map(Number),
  );
  return [...payloadTypes].flatMap((payloadType): Codec[] => {
    const rtpmap = rtpmaps.get(payloadType);
    const [staticName, staticRate] = staticPayloadTypes.get(payloadType) ?? [];
    const name = `${rtpmap?.codec ?? ''}` || staticName;
    const clockRate = Number(rtpmap?.rate ?? staticRate ?? 0);
    // A dynamic payload type without an rtpmap names nothing: it cannot be chosen.
    if (name === undefined || !isWord(name) || !Number.isSafeInteger(clockRate) || clockRate < 1) {
      return [];
    }
    const channels = Number(rtpmap?.encoding);
    const fmtp = fmtps.get(payloadType);
    return [
      {
        payloadType,
        name,
        clockRate,
        ...(channels > 0 ? { channels } : {}),
        ...(fmtp !== undefined && isTextLine(fmtp) ? { fmtp } : {}),
      },
    ];
  });
}

function isPort(port: unknown): port is number {
  return Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535;
}

/**
 * Writes a description (RFC 8866), lines ended by CRLF, the connection address at each medium. Throws
 * SdpError when a field holds what would break out of its place: a blank, a line end, a control
 * character. Fields copied from a peer pass through here, so this is where injection ends.
 */
export function formatSessionDescription(description: SessionDescription): string {
  const { origin, media } = description;
  if (!Number.isSafeInteger(origin.sessionVersion) || origin.sessionVersion < 0) {
    throw new SdpError(`session version ${origin.sessionVersion} cannot be written`);
  }
  return write({
    version: 0,
    origin: {
      username: word(origin.username, 'user name'),
      sessionId: word(origin.sessionId, 'session id'),
      sessionVersion: origin.sessionVersion,
      netType: 'IN',
      ipVer: ipVersion(origin.address),
      address: word(origin.address, 'origin address'),
    },
    name: '-',
    timing: { start: 0, stop: 0 },
    media: media.map(writableMedia),
  });
}

function writableMedia(media: MediaDescription): ParsedMedia {
  if (!isPort(media.port)) throw new SdpError(`port ${media.port} is out of range`);
  const { codecs, address } = media;
  return {
    type: word(media.kind, 'kind of medium'),
    port: media.port,
    protocol: word(media.protocol, 'protocol'),
    payloads: codecs.length > 0 ? codecs.map((codec) => codec.payloadType).join(' ') : '0',
    // A refused medium may have come without an address, and is written without one.
    ...(address === '' && media.port === 0
      ? {}
      : { connection: { version: ipVersion(address), ip: word(address, 'address') } }),
    rtp: codecs.map((codec) => ({
      payload: codec.payloadType,
      codec: word(codec.name, 'codec name'),
      rate: codec.clockRate,
      ...(codec.channels === undefined ? {} : { encoding: codec.channels }),
    })),
    fmtp: codecs.flatMap((codec) =>
      codec.fmtp === undefined
        ? []
        : [{ payload: codec.payloadType, config: textLine(codec.fmtp, 'fmtp') }],
    ),
    ...(media.ptime === undefined ? {} : { ptime: media.ptime }),
    ...(media.maxptime === undefined ? {} : { maxptime: media.maxptime }),
    ...(media.rtcpPort === undefined ? {} : { rtcp: { port: media.rtcpPort } }),
    ...(media.rtcpMux === undefined ? {} : { rtcpMux: 'rtcp-mux' }),
    ...(media.crypto === undefined ? {} : { crypto: media.crypto.map(writableCrypto) }),
    direction: media.direction,
  };
}

function writableCrypto({ tag: id, suite, key }: CryptoAttribute) {
  return { id, suite, config: word(`inline:${key}`, 'key') };
}

function ipVersion(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** One blank-free field of a line. */
function word(text: string, what: string): string {
  if (!isWord(text)) throw new SdpError(`${what} cannot be written`);
  return text;
}

function isWord(text: string): boolean {
  return /^[\x21-\x7e]{1,255}$/.test(text);
}

function textLine(text: string, what: string): string {
  if (!isTextLine(text)) throw new SdpError(`${what} cannot be written`);
  return text;
}

function isTextLine(text: string): boolean {
  return /^[\x20-\x7e]{1,1000}$/.test(text);
}
