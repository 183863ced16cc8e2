import { ApiError, HttpError } from './errors.js';
import { messages } from './event-source.js';
export { ApiError, HttpError } from './errors.js';
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
    #base;
    #options;
    /** One login for all requests that need it at the same time. */
    #session;
    #lastId = 0;
    constructor(options) {
        this.#base = options.url.replace(/\/+$/, '').replace(/\/v\d+\.\d+$/, '');
        this.#options = options;
    }
    /** Resolves with `result.data`. Throws ApiError when the server refuses, HttpError when none answers. */
    async call(method, ...rest) {
        return (await this.answer(method, ...rest)).data;
    }
    /** As `call`, with the metadata of the answer. */
    async answer(method, ...[params = {}, options]) {
        return this.#authorised({ path: '/v4.0', method }, params, options);
    }
    /** As `call`, of the Data API. */
    async data(method, ...rest) {
        return (await this.dataAnswer(method, ...rest)).data;
    }
    /** As `data`, with the metadata of the answer. */
    async dataAnswer(method, ...[params = {}, options]) {
        return this.#authorised({ path: '/v2.0', method }, params, options);
    }
    /** Logs in now instead of with the first request, to learn whether login and password are right. */
    async login() {
        this.#session = undefined;
        await this.#token();
    }
    /** Drops the session, if there is one; a permanent key stays as it is. The next request logs in again. */
    async logout() {
        const session = this.#session;
        this.#session = undefined;
        if (session === undefined)
            return;
        const access_token = await session;
        try {
            await this.#post({ path: '/v4.0', method: 'logout.user' }, { access_token });
        }
        catch (error) {
            if (!isSpent(error))
                throw error;
        }
    }
    /**
     * What happened in a call so far and what happens from now on, until it ends; without the id every
     * event of the account from now on. Ends with the call, with the server, or by the signal. Leaving the
     * loop closes the connection.
     */
    async *events(callSessionId, { signal } = {}) {
        const query = callSessionId === undefined ? '' : `?call_session_id=${callSessionId}`;
        const open = async () => this.#fetch(`/v4.0/events${query}`, {
            headers: { authorization: `Bearer ${await this.#token()}`, accept: 'text/event-stream' },
            ...(signal !== undefined && { signal }),
        });
        let response = await open();
        if (response.status === 401 && 'login' in this.#options) {
            this.#session = undefined;
            response = await open();
        }
        if (response.status !== 200 || response.body === null)
            throw await refusal(response);
        for await (const data of messages(response.body))
            yield JSON.parse(data);
    }
    async #authorised(target, params, options) {
        const access_token = await this.#token();
        const session = this.#session;
        try {
            return await this.#post(target, { access_token, ...params }, options);
        }
        catch (error) {
            // Nothing was done yet, so that the same request can be sent again.
            if (session === undefined || !isSpent(error))
                throw error;
            if (this.#session === session)
                this.#session = undefined;
            return this.#post(target, { access_token: await this.#token(), ...params }, options);
        }
    }
    async #token() {
        if ('accessToken' in this.#options)
            return this.#options.accessToken;
        this.#session ??= this.#logIn(this.#options);
        return this.#session;
    }
    async #logIn({ login, password }) {
        try {
            const target = { path: '/v4.0', method: 'login.user' };
            const params = { login, password };
            const { data } = await this.#post(target, params);
            return data.access_token;
        }
        catch (error) {
            this.#session = undefined; // The next request tries again.
            throw error;
        }
    }
    async #post({ path, method }, params, { signal } = {}) {
        const limit = AbortSignal.timeout(this.#options.timeoutMs ?? 15_000);
        const response = await this.#fetch(path, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ jsonrpc: '2.0', id: ++this.#lastId, method, params }),
            signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
        });
        if (response.status !== 200)
            throw await refusal(response);
        const { result, error } = (await readJson(response));
        if (error !== undefined)
            throw new ApiError(method, error);
        if (result === undefined)
            throw new HttpError(`${this.#base} answers no JSON-RPC`);
        return result;
    }
    async #fetch(path, init) {
        const { fetch = globalThis.fetch } = this.#options;
        try {
            return await fetch(`${this.#base}${path}`, init);
        }
        catch (cause) {
            const { name } = cause;
            if (name === 'AbortError')
                throw cause; // The caller's own signal.
            const what = name === 'TimeoutError' ? 'no answer in time from' : 'no server answers at';
            throw new HttpError(`${what} ${this.#base}`, { cause });
        }
    }
}
/** The session is over: its hour has passed, or somebody logged it out. */
function isSpent(error) {
    return error instanceof ApiError && error.mnemonic === 'access_token_invalid';
}
/** Any status but 200; this server says why in `error`. */
async function refusal(response) {
    const { status, url } = response;
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    const { error } = (isJson ? await readJson(response) : {});
    const said = typeof error === 'string' ? error : undefined;
    return new HttpError(said ?? `${url} answers HTTP ${status}`, {
        status,
        ...(said !== undefined && { said }),
    });
}
/** Always an object. */
async function readJson(response) {
    try {
        const value = await response.json();
        if (typeof value === 'object' && value !== null)
            return value;
    }
    catch (cause) {
        throw new HttpError(`${response.url} answers no JSON`, { status: response.status, cause });
    }
    throw new HttpError(`${response.url} answers no JSON object`, { status: response.status });
}
