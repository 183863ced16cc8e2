import { ApiError, type CallApi, Client, HttpError } from '../client/client.ts';
import type { CallEvent } from '../model/call-event.ts';
import { CommandError } from './command.ts';

/** What `dozvon call` needs of the Call API; errors come in words, with what to do. */
export type CallClient = {
  /** Resolves with the call_session_id. The server checks what the parameters say. */
  startSimpleCall(params: Readonly<Record<string, unknown>>): Promise<number>;
  releaseCall(callSessionId: number): Promise<void>;
  /** Everything that happened in the call so far and from now on, until it ends. */
  events(callSessionId: number, signal: AbortSignal): AsyncIterable<CallEvent>;
};

/** What the options said, unchecked. */
type SimpleCallParams = CallApi['start.simple_call']['params'];

/** `url` without the version, as `http://127.0.0.1:8080`. */
export function callClient({
  url,
  key,
}: {
  readonly url: string;
  readonly key: string;
}): CallClient {
  const client = new Client({ url, accessToken: key });
  const say = (error: unknown): Error => inWords(error, url);
  return {
    async startSimpleCall(params) {
      try {
        return (await client.call('start.simple_call', params as SimpleCallParams)).call_session_id;
      } catch (error) {
        throw say(error);
      }
    },
    async releaseCall(callSessionId) {
      try {
        await client.call('release.call', { call_session_id: callSessionId });
      } catch (error) {
        throw say(error);
      }
    },
    async *events(callSessionId, signal) {
      try {
        yield* client.events(callSessionId, { signal });
      } catch (error) {
        throw say(error);
      }
    },
  };
}

const fixes: Readonly<Record<string, string>> = {
  access_token_invalid: 'make a key: dozvon key add',
  access_token_expired: 'make a new key: dozvon key add',
  access_token_blocked: 'unblock it: dozvon key unblock ID',
  virtual_phone_number_not_found: 'see dozvon number list',
  media_file_not_found: 'see dozvon media list',
  contact_in_blacklist: 'see dozvon blacklist list',
};

/** Anything that is no failure of the request comes back as it is. */
function inWords(error: unknown, url: string): Error {
  if (error instanceof ApiError) {
    const { message, code, mnemonic, field } = error;
    const where = field === null ? '' : `, ${field}`;
    const fix = fixes[mnemonic] === undefined ? '' : `; ${fixes[mnemonic]}`;
    return new CommandError(`refused: ${message} (${code} ${mnemonic}${where})${fix}`);
  }
  if (!(error instanceof HttpError)) return error as Error;
  const { status, said, message, cause } = error;
  if (said !== undefined) return new CommandError(`refused: ${said}`);
  if (status !== undefined && status !== 200)
    return new CommandError(`${url} answers HTTP ${status}: is it a dozvon server? Check --url`);
  const reason = reasonOf(cause);
  const why = reason === undefined ? '' : ` (${reason})`;
  const fix = 'start one with "npm start", or name it: --url, DOZVON_URL';
  return new CommandError(`${message}${why}: ${fix}`);
}

/** `ECONNREFUSED`: what Node says within what `fetch` says. */
function reasonOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { code, message } = (cause.cause ?? cause) as NodeJS.ErrnoException;
  return code ?? message;
}
