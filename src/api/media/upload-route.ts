import { isUtf8 } from 'node:buffer';
import { dataApi } from '../data/data-api.ts';
import { type UploadedFile, uploadOf } from '../data/methods/upload-media-file.ts';
import { answerEnvelope } from '../json-rpc.ts';
import type { ApiParts } from '../method.ts';
import { boundaryOf, FormError, type FormPart, formParts } from './form-parts.ts';

/** Longer fields of a form are not read. */
const mostFieldBytes = 4_096;
/** What is read of a file that was refused, so that its sender comes to read the answer. */
const mostLeftBytes = 64 * 2 ** 20;

export type UploadAnswer = {
  readonly text: string;
  /** The connection cannot be used again: its end was never reached. */
  readonly isUnread: boolean;
};

/**
 * Answers `POST /v2.0/media`: `upload.media_file` with a file of any size, as the body or as the part
 * `file` of a form. Parameters stand in the query or in fields before the file, the token in a field or
 * in `Authorization: Bearer`. The answer, and every check before the file is read, are those of JSON-RPC.
 */
export async function answerUpload(
  request: Request,
  at: { readonly address: string; readonly origin: string },
  parts: ApiParts,
): Promise<UploadAnswer> {
  const startedAt = parts.clock.now();
  const body = new Body(request.body);
  const head = headOf(request);
  let file: UploadedFile | undefined;
  let fault: string | undefined;
  try {
    file = await findFile(request, body, head);
  } catch (error) {
    // Told after the checks that come before the file: a stranger learns no more than of his token.
    fault = reasonOf(error);
  }
  const method = uploadOf(file, fault);
  const id = 'null';
  const envelope = {
    id,
    request: { id, method: method.name, params: Object.fromEntries(head.params) },
  };
  const received = { envelope, isUtf8: head.isUtf8, ...at, startedAt, method };
  const text = await answerEnvelope(received, parts, dataApi);
  return { text, isUnread: !(await body.readRest(mostLeftBytes)) };
}

/** A body that can be read on by another when somebody has had enough of it. */
class Body {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(body: ReadableStream<Uint8Array> | null) {
    this.#reader = body?.getReader();
  }

  async *pieces(): AsyncGenerator<Uint8Array, undefined> {
    for (;;) {
      const { value } = (await this.#reader?.read()) ?? {};
      if (value === undefined) return undefined;
      yield value;
    }
  }

  /** False: there is more than that, or it broke off. */
  async readRest(mostBytes: number): Promise<boolean> {
    let left = mostBytes;
    try {
      for await (const { length } of this.pieces()) {
        left -= length;
        if (left < 0) return false;
      }
      return true;
    } catch {
      return false;
    }
  }
}

/** What is known before the file. */
type Head = { readonly params: Map<string, unknown>; isUtf8: boolean };

function headOf({ headers, url }: Request): Head {
  const params = new Map<string, unknown>();
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1];
  if (bearer !== undefined) params.set('access_token', bearer);
  const { search, searchParams } = new URL(url);
  // Never the token: addresses are written into the logs of proxies.
  for (const [name, text] of searchParams)
    if (name !== 'access_token') params.set(name, typed(name, text));
  return { params, isUtf8: isUtf8Query(search) };
}

function isUtf8Query(search: string): boolean {
  try {
    decodeURIComponent(search.replace(/%(?![0-9a-f]{2})/gi, '%25'));
    return true;
  } catch {
    return false;
  }
}

/** The file, read up to where it begins; fields of the form are added to the parameters. */
async function findFile(
  request: Request,
  body: Body,
  head: Head,
): Promise<UploadedFile | undefined> {
  const boundary = boundaryOf(request.headers.get('content-type') ?? undefined);
  if (boundary === undefined) return { filename: undefined, content: guarded(body.pieces()) };
  const parts = formParts(body.pieces(), boundary);
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    const { name, filename, content } = next.value;
    if (name === 'file') return { filename, content: guarded(lastOf(content, parts)) };
    const text = await readField(name, content);
    head.isUtf8 &&= isUtf8(text);
    head.params.set(name, typed(name, text.toString('utf8')));
  }
  return undefined;
}

/** The content of a part that must be the last: what stands behind it was never looked at. */
async function* lastOf(
  content: AsyncIterable<Uint8Array>,
  parts: AsyncGenerator<FormPart, undefined>,
): AsyncGenerator<Uint8Array, undefined> {
  yield* content;
  const next = await parts.next();
  if (!next.done)
    throw new FormError(`the field ${next.value.name} stands behind the file: put it before`);
  return undefined;
}

/** The same content; what breaks it off is told by a sentence. */
async function* guarded(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  try {
    yield* content;
  } catch (error) {
    throw new FormError(reasonOf(error));
  }
  return undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof FormError ? error.message : 'the upload broke off';
}

async function readField(name: string, content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of content) {
    length += piece.length;
    if (length > mostFieldBytes)
      throw new FormError(`the field ${name} has more than ${mostFieldBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** Queries and forms have nothing but texts. */
function typed(name: string, text: string): unknown {
  if (name === 'normalization' && /^(?:true|false)$/.test(text)) return text === 'true';
  if (name === 'user_id' && /^\d{1,15}$/.test(text)) return Number(text);
  return text;
}
