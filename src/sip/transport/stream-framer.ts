import { limits } from '../message/parser.ts';

/** What the bytes of a stream turn out to be, in their order. */
export type Framed =
  | { readonly type: 'message'; readonly bytes: Uint8Array }
  /** Two empty lines: the peer asks whether we are there, one empty line says yes. */
  | { readonly type: 'ping' }
  /** The empty line that answers a ping of ours. */
  | { readonly type: 'pong' }
  /**
   * Where the next message begins cannot be known any more: the connection has to be closed. `head` is
   * start line and headers, when so much came: a request may be refused with 400 (section 18.3).
   */
  | { readonly type: 'broken'; readonly why: string; readonly head?: Uint8Array };

/** Start line and headers of one message, in bytes. */
const headBytes = 32_768;

const emptyLine = Buffer.from('\r\n\r\n');
const nothing = Buffer.alloc(0);

/**
 * Cuts a TCP or TLS stream into messages by their Content-Length (RFC 3261 sections 18.3 and 20.14), and finds
 * the keep-alives between them (RFC 5626 section 3.5.1). It never holds more than one message and the
 * last chunk.
 */
export class StreamFramer {
  #rest: Buffer = nothing;
  /** No empty line begins before here: each byte is looked at once. */
  #searched = 0;
  /** Of the message whose headers are read: where its body begins and ends. */
  #body: { readonly start: number; readonly end: number } | undefined;
  #emptyLines = 0;
  #pongsDue = 0;
  #broken = false;

  /** True in the middle of a message: its end must not be long in coming. */
  get isPartial(): boolean {
    return this.#rest.length > 0;
  }

  /** A ping was sent: the next lone empty line answers it. */
  expectPong(): void {
    this.#pongsDue++;
  }

  push(chunk: Uint8Array): Framed[] {
    if (this.#broken) return [];
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const found: Framed[] = [];
    for (;;) {
      const next = this.#next();
      if (next === undefined) break;
      found.push(next);
      if (next.type !== 'broken') continue;
      this.#broken = true;
      this.#rest = nothing;
      break;
    }
    // A view would keep the whole chunk that it was cut from.
    if (this.#rest.length > 0 && this.#rest.length < this.#rest.buffer.byteLength / 2) {
      this.#rest = Buffer.from(this.#rest);
    }
    return found;
  }

  #next(): Framed | undefined {
    if (this.#body === undefined) {
      const line = this.#takeEmptyLine();
      if (line !== undefined) return line === 'ignored' ? this.#next() : { type: line };
      const problem = this.#findBody();
      if (problem !== undefined) return problem;
    }
    const body = this.#body;
    if (body === undefined || this.#rest.length < body.end) return undefined;
    const bytes = this.#take(body.end);
    this.#body = undefined;
    this.#emptyLines = 0;
    return { type: 'message', bytes };
  }

  /** An empty line between messages; one before a message means nothing (section 7.5). */
  #takeEmptyLine(): 'ping' | 'pong' | 'ignored' | undefined {
    if (this.#rest[0] !== 0x0d || this.#rest[1] !== 0x0a) return undefined;
    this.#take(2);
    if (this.#pongsDue > 0) {
      this.#pongsDue--;
      return 'pong';
    }
    this.#emptyLines = 1 - this.#emptyLines;
    return this.#emptyLines === 0 ? 'ping' : 'ignored';
  }

  /** Reads how long the body is, once the headers are there; what is wrong otherwise. */
  #findBody(): Framed | undefined {
    const rest = this.#rest;
    const headEnd = rest.indexOf(emptyLine, this.#searched);
    if (headEnd < 0) {
      this.#searched = Math.max(0, rest.length - emptyLine.length + 1);
      return rest.length > headBytes ? { type: 'broken', why: 'endless headers' } : undefined;
    }
    const start = headEnd + emptyLine.length;
    if (start > headBytes) return { type: 'broken', why: 'endless headers' };
    const length = contentLength(rest.toString('latin1', 0, headEnd));
    if (typeof length === 'string') {
      return { type: 'broken', why: length, head: rest.subarray(0, start) };
    }
    const end = start + length;
    if (end > limits.messageBytes) {
      return { type: 'broken', why: 'the message is too long', head: rest.subarray(0, start) };
    }
    this.#body = { start, end };
    return undefined;
  }

  #take(length: number): Buffer {
    const taken = this.#rest.subarray(0, length);
    this.#rest = length === this.#rest.length ? nothing : this.#rest.subarray(length);
    this.#searched = 0;
    return taken;
  }
}

/** What the headers say of the body, in bytes; a text says why they do not. */
function contentLength(head: string): number | string {
  // Folded lines are joined (section 7.3.1), or a value could hide from one of two readers.
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  let length: number | undefined;
  for (const line of lines.slice(1)) {
    const [, value] = /^(?:content-length|l)[ \t]*:(.*)$/is.exec(line) ?? [];
    if (value === undefined) continue;
    const text = value.trim();
    if (!/^\d{1,9}$/.test(text)) return 'Content-Length: not a number of bytes';
    if (length !== undefined && length !== Number(text)) return 'Content-Length: two that differ';
    length = Number(text);
  }
  return length ?? 'Content-Length: missing';
}
