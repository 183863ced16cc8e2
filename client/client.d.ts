import type { CallEvent } from './call-event.ts';
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
} & ({
    readonly accessToken: string;
} | {
    readonly login: string;
    readonly password: string;
});
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
export type Answer<Data> = {
    readonly data: Data;
    readonly metadata: Metadata;
};
export type RequestOptions = {
    readonly signal?: AbortSignal;
};
/** Parameters may be left out where none is required. */
type Rest<Params> = Record<string, never> extends Params ? [params?: Params, options?: RequestOptions] : [params: Params, options?: RequestOptions];
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
export declare class Client {
    #private;
    constructor(options: ClientOptions);
    /** Resolves with `result.data`. Throws ApiError when the server refuses, HttpError when none answers. */
    call<Name extends keyof CallApi>(method: Name, ...rest: Rest<CallApi[Name]['params']>): Promise<CallApi[Name]['result']>;
    /** As `call`, with the metadata of the answer. */
    answer<Name extends keyof CallApi>(method: Name, ...[params, options]: Rest<CallApi[Name]['params']>): Promise<Answer<CallApi[Name]['result']>>;
    /** As `call`, of the Data API. */
    data<Name extends keyof DataApi>(method: Name, ...rest: Rest<DataApi[Name]['params']>): Promise<DataApi[Name]['result']>;
    /** As `data`, with the metadata of the answer. */
    dataAnswer<Name extends keyof DataApi>(method: Name, ...[params, options]: Rest<DataApi[Name]['params']>): Promise<Answer<DataApi[Name]['result']>>;
    /** Logs in now instead of with the first request, to learn whether login and password are right. */
    login(): Promise<void>;
    /** Drops the session, if there is one; a permanent key stays as it is. The next request logs in again. */
    logout(): Promise<void>;
    /**
     * What happened in a call so far and what happens from now on, until it ends; without the id every
     * event of the account from now on. Ends with the call, with the server, or by the signal. Leaving the
     * loop closes the connection.
     */
    events(callSessionId?: number, { signal }?: RequestOptions): AsyncGenerator<CallEvent>;
}
