/** One part of a form (RFC 7578); its content must be read to the end before the next part is asked for. */
export type FormPart = {
  readonly name: string;
  /** Of a file; undefined: a plain field. */
  readonly filename: string | undefined;
  readonly content: AsyncIterable<Buffer>;
};

/** The body is no form, or breaks off: the text says where, for people. */
export class FormError extends Error {
  override readonly name = 'FormError';
}

/** The parameter `boundary` of a Content-Type; undefined: it is no multipart form. */
export function boundaryOf(contentType: string | undefined): string | undefined {
  if (!/^\s*multipart\/form-data\s*;/i.test(contentType ?? '')) return undefined;
  const [, quoted, bare] =
    /;\s*boundary\s*=\s*(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType!) ?? [];
  return quoted ?? bare;
}

const mostHeaderBytes = 8_192;
const mostParts = 32;
const lineEnd = Buffer.from('\r\n');
const headersEnd = Buffer.from('\r\n\r\n');

/**
 * The parts of a multipart body (RFC 2046 section 5.1) as it comes in: no part is ever held in memory as
 * a whole.
 *
 *     --boundary CRLF  headers CRLF CRLF  content CRLF  --boundary …  --boundary-- CRLF
 */
export async function* formParts(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<FormPart, undefined> {
  const reader = new PartReader(body, Buffer.from(`\r\n--${boundary}`));
  await reader.skip();
  for (let count = 0; await reader.another(); count++) {
    if (count === mostParts) throw new FormError(`the form has more than ${mostParts} parts`);
    const headers = (await reader.upTo(headersEnd, mostHeaderBytes)).toString('utf8');
    const { name, filename } = dispositionOf(headers);
    yield { name, filename, content: reader.content() };
    // Whatever the consumer left of it.
    await reader.skip();
  }
  return undefined;
}

class PartReader {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #delimiter: Buffer;
  /** What was read and not given on; the first boundary has no line before it. */
  #held: Buffer = lineEnd;
  #atDelimiter = false;

  constructor(source: AsyncIterable<Uint8Array>, delimiter: Buffer) {
    this.#source = source[Symbol.asyncIterator]();
    this.#delimiter = delimiter;
  }

  /** What stands before the next delimiter, as it comes; ends behind it. */
  async *content(): AsyncGenerator<Buffer, undefined> {
    while (!this.#atDelimiter) {
      const at = this.#held.indexOf(this.#delimiter);
      // A delimiter may have begun in the last octets.
      const end = at >= 0 ? at : Math.max(0, this.#held.length - this.#delimiter.length + 1);
      const piece = this.#held.subarray(0, end);
      this.#atDelimiter = at >= 0;
      this.#held = this.#held.subarray(at >= 0 ? end + this.#delimiter.length : end);
      if (piece.length > 0) yield piece;
      if (!this.#atDelimiter) await this.#more();
    }
    return undefined;
  }

  async skip(): Promise<void> {
    for await (const _ of this.content());
  }

  /** Whether a part follows the delimiter: two hyphens end the form. */
  async another(): Promise<boolean> {
    while (this.#held.length < 2) await this.#more();
    if (this.#held.subarray(0, 2).toString('latin1') === '--') return false;
    // Space may stand behind a boundary.
    const rest = await this.upTo(lineEnd, 256);
    if (rest.toString('latin1').trim() !== '') throw new FormError('a boundary is not one line');
    this.#atDelimiter = false;
    return true;
  }

  /** Up to a mark, which is passed over. */
  async upTo(mark: Buffer, mostBytes: number): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(mark);
      if (at > mostBytes || (at < 0 && this.#held.length > mostBytes))
        throw new FormError('the headers of a part are too long');
      if (at >= 0) {
        const found = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + mark.length);
        return found;
      }
      await this.#more();
    }
  }

  async #more(): Promise<void> {
    const { done, value } = await this.#source.next();
    if (done) throw new FormError('the form breaks off');
    this.#held = this.#held.length === 0 ? Buffer.from(value) : Buffer.concat([this.#held, value]);
  }
}

function dispositionOf(headers: string): { name: string; filename: string | undefined } {
  const line = /^content-disposition\s*:\s*(.*)$/im.exec(headers)?.[1] ?? '';
  const name = parameterOf(line, 'name');
  if (name === undefined) throw new FormError('a part of the form has no name');
  const encoded = /;\s*filename\*\s*=\s*utf-8'[^']*'([^\s;]*)/i.exec(line)?.[1];
  const filename = encoded === undefined ? parameterOf(line, 'filename') : decoded(encoded);
  return { name, filename };
}

/** Browsers write quotes as `%22` and other programs as `\"`. */
function parameterOf(line: string, name: string): string | undefined {
  const pattern = new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;]*))`, 'i');
  const [, quoted, bare] = pattern.exec(line) ?? [];
  return quoted?.replace(/\\(["\\])/g, '$1').replace(/%22/g, '"') ?? bare;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
