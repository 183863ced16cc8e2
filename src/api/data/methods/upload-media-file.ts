import { z } from 'zod';
import { ApiError } from '../../errors.ts';
import { FormError } from '../../media/form-parts.ts';
import { defineMethod, type Method, type MethodRequest } from '../../method.ts';
import { dataParams } from '../data-method.ts';
import { assertRoom, duplicate, tooMany } from '../entities.ts';
import { mediaFile, mediaName, toRow } from './media-files.ts';

/** A file on its way here. */
export type UploadedFile = {
  /** As the client has it; undefined: it did not say. */
  readonly filename: string | undefined;
  /** Fails with FormError when it breaks off. */
  readonly content: AsyncIterable<Uint8Array>;
};

/** To be received over a slow line, and to be decoded after the files of others. */
const answerLimitMs = 900_000;

const normalization = z
  .boolean()
  .default(false)
  .describe('bring it to the usual loudness, -16 dBFS');

const about = {
  name: 'upload.media_file',
  component: 'Data API',
  weight: 1,
  extension: true,
  answerLimitMs,
  result: mediaFile,
} as const;

type Params = { readonly normalization: boolean };

/** A file within the JSON of its request: at most some 780 kB, for a body has at most 1 MiB. */
export const uploadMediaFile = defineMethod({
  ...about,
  summary: 'Takes a WAV, MP3, Ogg Opus or FLAC file into the media library of the account.',
  params: dataParams({
    name: mediaName,
    content: z.string().describe('the file in Base64, at most some 780 kB'),
    normalization,
  }),
  errors: [
    { mnemonic: 'duplicate_entity', when: 'another file has the name' },
    tooMany,
    {
      mnemonic: 'invalid_parameter_value',
      when: 'the file is damaged, longer than ten minutes or of another format; `params.reason` says it',
    },
  ],
  example: {
    params: { name: 'greeting', content: 'UklGRiQA…', normalization: true },
    result: {
      id: 2561,
      name: 'greeting',
      duration: 4,
      play_link:
        'https://calls.acme.example/media/2561?account=1&expires=1767263415&signature=cTmh2…',
      normalization: true,
      size: 64_044,
      type: 'user',
    },
  },
  remarks: `Larger files come by \`POST /v2.0/media\`, where the file is the body or the part \`file\` of a form, and
everything else is the same: [media files](../../operating/media.md#uploading).

\`\`\`
curl https://calls.acme.example/v2.0/media -H 'Authorization: Bearer TOKEN' -F name=greeting -F file=@greeting.mp3
\`\`\``,

  run(request) {
    const { name, content } = request.params;
    const octets = decodeBase64(content);
    if (octets === undefined) throw refused('content', 'it is not Base64 (RFC 4648 section 4)');
    return takeIn(request, { name, field: 'content', originalName: name, content: once(octets) });
  },
});

/** The same method for a file that HTTP brings; `fault`: why there is none to be read. */
export function uploadOf(file: UploadedFile | undefined, fault: string | undefined): Method {
  const filename = file?.filename?.replace(/^.*[/\\]/s, '');
  return defineMethod({
    ...about,
    params: dataParams({
      name: isName(filename) ? mediaName.default(filename) : mediaName,
      normalization,
    }),
    async run(request) {
      if (fault !== undefined) throw refused('file', fault);
      if (file === undefined) throw new ApiError('required_parameter_missed', { field: 'file' });
      const { name } = request.params;
      const originalName = filename || name;
      return takeIn(request, { name, field: 'file', originalName, content: file.content });
    },
  });
}

/** Whether the name of a file will do; one of another encoding than UTF-8 was not understood. */
function isName(filename: string | undefined): filename is string {
  return mediaName.safeParse(filename).success && !filename!.includes('\ufffd');
}

type Upload = {
  readonly name: string;
  /** What an error names. */
  readonly field: 'content' | 'file';
  readonly originalName: string;
  readonly content: AsyncIterable<Uint8Array>;
};

async function takeIn(
  { params, caller: { account }, parts, origin }: MethodRequest<Params>,
  { name, field, originalName, content }: Upload,
): Promise<z.output<typeof mediaFile>> {
  const { media } = parts.store;
  const seen = await media.list(account.id);
  if (seen.some((it) => it.name === name)) throw duplicate('name', name);
  assertRoom(seen);
  const options = { normalize: params.normalization };
  const taken = await parts.media.receive(content, options).catch((error: unknown) => {
    if (error instanceof FormError) throw refused(field, error.message);
    throw error;
  });
  if ('refused' in taken) throw refused(field, taken.refused);
  const file = await media.add(account.id, { ...taken.sound, name, originalName });
  if (file === undefined) throw duplicate('name', name); // Of two at the same time the first has it.
  const linkOf = await parts.links.of(origin, account.id);
  const { id, duration, normalization, size, type } = toRow(file);
  return { id, name, duration, play_link: linkOf(id), normalization, size, type };
}

/** The reason is for people; the file itself does not come back. */
function refused(field: Upload['field'], reason: string): ApiError {
  return new ApiError('invalid_parameter_value', { field, params: { reason } });
}

function decodeBase64(text: string): Buffer | undefined {
  const isRight = text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  return isRight ? Buffer.from(text, 'base64') : undefined;
}

async function* once(octets: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  yield octets;
  return undefined;
}
