import type { CallEvent } from '../model/call-event.ts';
import { CommandError } from './command.ts';

/** The Call API as any client uses it, and the event stream of this server beside it. */
export type CallClient = {
  /** The `data` of the answer. @throws CommandError with the error in words. */
  request(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** Everything that happened in the call so far and from now on, until it ends. */
  events(callSessionId: number, signal: AbortSignal): AsyncIterable<CallEvent>;
};

type RpcAnswer = {
  readonly result?: { readonly data: unknown };
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data?: { readonly mnemonic?: string; readonly field?: string | null };
  };
};

/** `url` without the version, as `http://127.0.0.1:8080`. */
export function callClient(options: { readonly url: string; readonly key: string }): CallClient {
  const base = options.url.replace(/\/+$/, '').replace(/\/v4\.0$/, '');
  return {
    async request(method, params) {
      const body = {
        jsonrpc: '2.0',
        id: 1,
        method,
        params: { access_token: options.key, ...params },
      };
      const response = await reach(base, '/v4.0', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      if (response.status !== 200) throw notDozvon(base, response.status);
      const answer = (await response.json()) as RpcAnswer;
      if (answer.error !== undefined) throw new CommandError(describeRpcError(answer.error));
      return answer.result?.data;
    },
    async *events(callSessionId, signal) {
      const response = await reach(base, `/v4.0/events?call_session_id=${callSessionId}`, {
        headers: { authorization: `Bearer ${options.key}`, accept: 'text/event-stream' },
        signal,
      });
      if (response.status !== 200 || response.body === null) {
        throw (await refusal(response)) ?? notDozvon(base, response.status);
      }
      for await (const data of messages(response.body)) yield JSON.parse(data) as CallEvent;
    },
  };
}

async function reach(base: string, path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${base}${path}`, init);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const why = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
    throw new CommandError(
      `no server answers at ${base} (${why ?? String(cause)}): start one with "npm start", or name it: --url, DOZVON_URL`,
    );
  }
}

function notDozvon(base: string, status: number): CommandError {
  return new CommandError(`${base} answers HTTP ${status}: is it a dozvon server? Check --url`);
}

/** What the event stream says instead of events: `{"error": "…"}`. */
async function refusal(response: Response): Promise<CommandError | undefined> {
  if (!response.headers.get('content-type')?.startsWith('application/json')) return undefined;
  const { error } = (await response.json()) as { error?: unknown };
  return typeof error === 'string' ? new CommandError(`refused: ${error}`) : undefined;
}

function describeRpcError({ code, message, data }: NonNullable<RpcAnswer['error']>): string {
  const mnemonic = data?.mnemonic ?? '';
  const field = data?.field ? `, ${data.field}` : '';
  const fixes: Readonly<Record<string, string>> = {
    access_token_invalid: 'make a key: dozvon key add',
    access_token_expired: 'make a new key: dozvon key add',
    access_token_blocked: 'unblock it: dozvon key unblock ID',
    virtual_phone_number_not_found: 'see dozvon number list',
    media_file_not_found: 'see dozvon media list',
    contact_in_blacklist: 'see dozvon blacklist list',
  };
  const fix = fixes[mnemonic] === undefined ? '' : `; ${fixes[mnemonic]}`;
  return `refused: ${message} (${code} ${mnemonic}${field})${fix}`;
}

/** The data of each message of a stream of Server-Sent Events (HTML Living Standard, section 9.2). */
export async function* messages(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  let data: string[] = [];
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        if (data.length > 0) yield data.join('\n');
        data = [];
      } else if (line.startsWith('data:')) {
        data.push(line.slice(5).replace(/^ /, ''));
      }
    }
  }
}
