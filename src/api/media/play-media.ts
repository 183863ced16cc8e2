import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { originalPath, type SoundFormat } from '../../model/stored-sound.ts';
import type { MediaFile, Store } from '../../store/store.ts';
import type { Header } from '../client-address.ts';
import { readRange } from './byte-range.ts';
import type { PlayLinks } from './play-links.ts';

export type PlayRequest = {
  /** As the path has it. */
  readonly fileId: string;
  readonly query: (name: string) => string | undefined;
  readonly header: Header;
  /** Only the headers of the answer are wanted. */
  readonly isHead: boolean;
};

const contentTypes: Readonly<Record<SoundFormat, string>> = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  opus: 'audio/ogg; codecs=opus',
  flac: 'audio/flac',
};

/** Answers `GET /media/<id>`, where the links of `get.media_files` lead. */
export async function playMedia(
  request: PlayRequest,
  { store, links, now }: { store: Store; links: PlayLinks; now: number },
): Promise<Response> {
  const ticket = await links.check(request.fileId, request.query);
  if ('refused' in ticket) return refusal(403, ticket.refused);
  // A file of another account is not there, whatever was signed.
  const file = await store.media.find(ticket.accountId, ticket.fileId);
  if (file === undefined) return refusal(404, 'the media file was deleted');
  const sound = await openSound(file);
  if (sound === undefined) return refusal(404, 'the sound of this media file is missing');
  return answer(request, file, sound, Math.max(0, ticket.expires - Math.floor(now / 1000)));
}

type OpenSound = {
  readonly handle: FileHandle;
  readonly size: number;
  readonly format: SoundFormat;
  /** Names these very octets. */
  readonly tag: string;
};

/** The file as it came, when browsers play it; else the one that calls play. */
async function openSound(file: MediaFile): Promise<OpenSound | undefined> {
  const { listenFormat, path, contentHash, normalized } = file;
  const played = { path, format: 'wav', what: normalized ? 'normalized' : 'wav' } as const;
  const original = listenFormat && {
    path: originalPath(file, listenFormat),
    format: listenFormat,
    what: 'original',
  };
  for (const one of original ? [original, played] : [played]) {
    const handle = await open(one.path).catch(() => undefined);
    if (handle === undefined) continue;
    const { size } = await handle.stat();
    return { handle, size, format: one.format, tag: `"${contentHash.slice(0, 32)}-${one.what}"` };
  }
  return undefined;
}

/** RFC 9110: ranges (section 14), conditions (section 13). */
async function answer(
  { header, isHead }: PlayRequest,
  { name }: MediaFile,
  { handle, size, format, tag }: OpenSound,
  secondsLeft: number,
): Promise<Response> {
  const headers = {
    'accept-ranges': 'bytes',
    'cache-control': `private, max-age=${secondsLeft}`,
    'content-disposition': inline(name, format),
    'content-type': contentTypes[format],
    etag: tag,
    'x-content-type-options': 'nosniff',
  };
  const bodiless = async (status: number, more: Record<string, string>): Promise<Response> => {
    await handle.close();
    return new Response(null, { status, headers: { ...headers, ...more } });
  };
  if (isAmong(header('if-none-match'), tag)) return bodiless(304, {});
  const ifRange = header('if-range');
  const asked = ifRange === undefined || ifRange === tag ? header('range') : undefined;
  const range = readRange(asked, size);
  if (range === 'none') return bodiless(416, { 'content-range': `bytes */${size}` });
  const { first, last } = range ?? { first: 0, last: size - 1 };
  const length = { 'content-length': String(last - first + 1) };
  const status = range === undefined ? 200 : 206;
  const more =
    range === undefined ? length : { ...length, 'content-range': `bytes ${first}-${last}/${size}` };
  if (isHead || size === 0) return bodiless(status, more);
  const stream = handle.createReadStream({ start: first, end: last });
  return new Response(Readable.toWeb(stream) as ReadableStream<Uint8Array>, {
    status,
    headers: { ...headers, ...more },
  });
}

function isAmong(header: string | undefined, tag: string): boolean {
  const tags = header?.split(',').map((it) => it.trim().replace(/^W\//, '')) ?? [];
  return tags.includes(tag) || tags.includes('*');
}

/** RFC 6266: the name for old clients without what ASCII has not, and the whole for the others. */
function inline(name: string, format: SoundFormat): string {
  const file = name.toLowerCase().endsWith(`.${format}`) ? name : `${name}.${format}`;
  const plain = file.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(file.toWellFormed()).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `inline; filename="${plain}"; filename*=UTF-8''${whole}`;
}

function refusal(status: 403 | 404, error: string): Response {
  return Response.json({ error }, { status, headers: { 'cache-control': 'no-store' } });
}
