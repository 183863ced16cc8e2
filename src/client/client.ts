import type { CallEvent } from './call-event.ts';
import { ApiError, HttpError, type RpcError } from './errors.ts';
import { messages } from './event-source.ts';
import type { CallApi, DataApi } from './methods.ts';

export type * from './call-event.ts';
export { ApiError, HttpError } from './errors.ts';
export type * from './methods.ts';

/** Where the server is and who asks: by a key (`dozvon key add`), or by login and password. */
export type ClientOptions = {
  /** As `http://127.0.0.1:8080`; the path of a version at its end is left out. */
  readonly url: string;
  /** How long an answer may take; default 15 s, more than the server ever takes. */
  readonly timeoutMs?: number;
  /** Default: the one of the browser or of Node. */
  readonly fetch?: typeof globalThis.fetch;
} & ({ readonly accessToken: string } | { readonly login: string; readonly password: string });

/** Points of the account, as every answer tells them. */
export type Metadata = {
  /** Of a list of the Data API: rows before `limit` and `offset`. */
  readonly total_items?: number;
  readonly limits: {
    readonly day_limit: number;
    readonly day_remaining: number;
    readonly day_reset: number;
    readonly minute_limit: number;
    readonly minute_remaining: number;
    readonly minute_reset: number;
  };
};

export type Answer<Data> = { readonly data: Data; readonly metadata: Metadata };

export type RequestOptions = { readonly signal?: AbortSignal };

/** Parameters may be left out where none is required. */
type Rest<Params> =
  Record<string, never> extends Params
    ? [params?: Params, options?: RequestOptions]
    : [params: Params, options?: RequestOptions];

type Target = { readonly path: string; readonly method: string };

/**
 * The API of a dozvon server for browsers and Node: every method with the types of its parameters and
 * its result. The access token is added to each request; with login and password the client logs in by
 * itself, and again when the hour of a session is over.
 *
 * ```ts
 * const client = new Client({ url: 'http://127.0.0.1:8080', accessToken });
 * const { call_session_id } = await client.call('start.simple_call', { … });
 * for await (const event of client.events(call_session_id)) console.log(event.type);
 * ```
 */
export class Client {
  readonly #base: string;
  readonly #options: ClientOptions;
  /** One login for all requests that need it at the same time. */
  #session: Promise<string> | undefined;
  #lastId = 0;

  constructor(options: ClientOptions) {
    this.#base = options.url.replace(/\/+$/, '').replace(/\/v\d+\.\d+$/, '');
    this.#options = options;
  }

  /** Resolves with `result.data`. Throws ApiError when the server refuses, HttpError when none answers. */
  async call<Name extends keyof CallApi>(
    method: Name,
    ...rest: Rest<CallApi[Name]['params']>
  ): Promise<CallApi[Name]['result']> {
    return (await this.answer(method, ...rest)).data;
  }

  /** As `call`, with the metadata of the answer. */
  async answer<Name extends keyof CallApi>(
    method: Name,
    ...[params = {}, options]: Rest<CallApi[Name]['params']>
  ): Promise<Answer<CallApi[Name]['result']>> {
    return this.#authorised({ path: '/v4.0', method }, params, options);
  }

  /** As `call`, of the Data API. */
  async data<Name extends keyof DataApi>(
    method: Name,
    ...rest: Rest<DataApi[Name]['params']>
  ): Promise<DataApi[Name]['result']> {
    return (await this.dataAnswer(method, ...rest)).data;
  }

  /** As `data`, with the metadata of the answer. */
  async dataAnswer<Name extends keyof DataApi>(
    method: Name,
    ...[params = {}, options]: Rest<DataApi[Name]['params']>
  ): Promise<Answer<DataApi[Name]['result']>> {
    return this.#authorised({ path: '/v2.0', method }, params, options);
  }

  /** Logs in now instead of with the first request, to learn whether login and password are right. */
  async login(): Promise<void> {
    this.#session = undefined;
    await this.#token();
  }

  /** Drops the session, if there is one; a permanent key stays as it is. The next request logs in again. */
  async logout(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    if (session === undefined) return;
    const access_token = await session;
    try {
      await this.#post({ path: '/v4.0', method: 'logout.user' }, { access_token });
    } catch (error) {
      if (!isSpent(error)) throw error;
    }
  }

  /**
   * What happened in a call so far and what happens from now on, until it ends; without the id every
   * event of the account from now on. Ends with the call, with the server, or by the signal. Leaving the
   * loop closes the connection.
   */
  async *events(
    callSessionId?: number,
    { signal }: RequestOptions = {},
  ): AsyncGenerator<CallEvent> {
    const query = callSessionId === undefined ? '' : `?call_session_id=${callSessionId}`;
    const open = async (): Promise<Response> =>
      this.#fetch(`/v4.0/events${query}`, {
        headers: { authorization: `Bearer ${await this.#token()}`, accept: 'text/event-stream' },
        ...(signal !== undefined && { signal }),
      });
    let response = await open();
    if (response.status === 401 && 'login' in this.#options) {
      this.#session = undefined;
      response = await open();
    }
    if (response.status !== 200 || response.body === null) throw await refusal(response);
    for await (const data of messages(response.body)) yield JSON.parse(data) as CallEvent;
  }

  async #authorised<Data>(
    target: Target,
    params: object,
    options?: RequestOptions,
  ): Promise<Answer<Data>> {
    const access_token = await this.#token();
    const session = this.#session;
    try {
      return await this.#post(target, { access_token, ...params }, options);
    } catch (error) {
      // Nothing was done yet, so that the same request can be sent again.
      if (session === undefined || !isSpent(error)) throw error;
      if (this.#session === session) this.#session = undefined;
      return this.#post(target, { access_token: await this.#token(), ...params }, options);
    }
  }

  async #token(): Promise<string> {
    if ('accessToken' in this.#options) return this.#options.accessToken;
    this.#session ??= this.#logIn(this.#options);
    return this.#session;
  }

  async #logIn({ login, password }: { login: string; password: string }): Promise<string> {
    try {
      const target = { path: '/v4.0', method: 'login.user' };
      const params = { login, password };
      const { data } = await this.#post<CallApi['login.user']['result']>(target, params);
      return data.access_token;
    } catch (error) {
      this.#session = undefined; // The next request tries again.
      throw error;
    }
  }

  async #post<Data>(
    { path, method }: Target,
    params: object,
    { signal }: RequestOptions = {},
  ): Promise<Answer<Data>> {
    const limit = AbortSignal.timeout(this.#options.timeoutMs ?? 15_000);
    const response = await this.#fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++this.#lastId, method, params }),
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    if (response.status !== 200) throw await refusal(response);
    const { result, error } = (await readJson(response)) as {
      readonly result?: Answer<Data>;
      readonly error?: RpcError;
    };
    if (error !== undefined) throw new ApiError(method, error);
    if (result === undefined) throw new HttpError(`${this.#base} answers no JSON-RPC`);
    return result;
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const { fetch = globalThis.fetch } = this.#options;
    try {
      return await fetch(`${this.#base}${path}`, init);
    } catch (cause) {
      const { name } = cause as { readonly name?: string };
      if (name === 'AbortError') throw cause; // The caller's own signal.
      const what = name === 'TimeoutError' ? 'no answer in time from' : 'no server answers at';
      throw new HttpError(`${what} ${this.#base}`, { cause });
    }
  }
}

/** The session is over: its hour has passed, or somebody logged it out. */
function isSpent(error: unknown): boolean {
  return error instanceof ApiError && error.mnemonic === 'access_token_invalid';
}

/** Any status but 200; this server says why in `error`. */
async function refusal(response: Response): Promise<HttpError> {
  const { status, url } = response;
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const { error } = (isJson ? await readJson(response) : {}) as { readonly error?: unknown };
  const said = typeof error === 'string' ? error : undefined;
  return new HttpError(said ?? `${url} answers HTTP ${status}`, {
    status,
    ...(said !== undefined && { said }),
  });
}

/** Always an object. */
async function readJson(response: Response): Promise<object> {
  try {
    const value: unknown = await response.json();
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new HttpError(`${response.url} answers no JSON`, { status: response.status, cause });
  }
  throw new HttpError(`${response.url} answers no JSON object`, { status: response.status });
}
