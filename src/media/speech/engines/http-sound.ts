import { mostSoundBytes, SpeechError } from '../speech-engine.ts';

/** Of an error's body, so much is shown to whoever asks. */
const complaintLength = 500;

/** Posts a speech request and reads the sound; never follows a redirect, which would carry the key along. */
export async function postForSound(
  url: string,
  request: {
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | URLSearchParams;
    readonly signal: AbortSignal;
  },
): Promise<Uint8Array> {
  const response = await send(url, request);
  const body = await read(response, request.signal);
  if (response.ok) {
    if (body.length === 0) throw new SpeechError('it answered without a sound');
    return body;
  }
  const detail = Buffer.from(body).toString('utf8').slice(0, complaintLength).trim();
  throw new SpeechError(`it answered with HTTP status ${response.status}`, {
    detail: detail || undefined,
    engineDown: isDown(response.status),
  });
}

/** A key that is refused, a quota, a fault of the service: nothing that another text would change. */
function isDown(status: number): boolean {
  return [401, 402, 403, 404, 405, 408, 429].includes(status) || status >= 500;
}

async function send(url: string, request: Parameters<typeof postForSound>[1]): Promise<Response> {
  const { signal } = request;
  try {
    return await fetch(url, { method: 'POST', redirect: 'error', ...request });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw unreachable(error);
  }
}

async function read(response: Response, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > mostSoundBytes) throw new SpeechError('it sent more than 64 MiB');
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof SpeechError ? error : unreachable(error);
  }
  return Buffer.concat(chunks);
}

function unreachable(error: unknown): SpeechError {
  // Only the code: a message may quote a header, and with it the key.
  const { cause, name } = error as Error & { cause?: NodeJS.ErrnoException };
  const why = cause?.code ?? cause?.name ?? name;
  return new SpeechError(`it cannot be reached: ${why}`, { engineDown: true });
}

/** A service's address and the path of a request; an address that ends as the path begins is no mistake. */
export function joinUrl(url: string, path: string): string {
  const base = url.replace(/\/+$/, '');
  const first = /^\/[^/]+/.exec(path)?.[0];
  return first !== undefined && base.endsWith(first) && path !== first
    ? base + path.slice(first.length)
    : base + path;
}
