import type { SocketAddress } from '../base/address.ts';
import { formatAddress } from '../base/address.ts';

/** The Call API as any client sees it: JSON-RPC 2.0 over HTTP. */
export class ApiClient {
  readonly url: string;
  #lastId = 0;
  #token: string | undefined;

  constructor(server: SocketAddress) {
    this.url = `http://${formatAddress(server)}/v4.0`;
  }

  async logIn(login: string, password: string): Promise<void> {
    const data = await this.#call('login.user', { login, password });
    this.#token = String(data.access_token);
  }

  /** Resolves with the call_session_id. */
  async startSimpleCall(params: Readonly<Record<string, unknown>>): Promise<number> {
    const data = await this.#call('start.simple_call', { access_token: this.#token, ...params });
    return Number(data.call_session_id);
  }

  async releaseCall(callSessionId: number): Promise<void> {
    await this.#call('release.call', {
      access_token: this.#token,
      call_session_id: callSessionId,
    });
  }

  /** Rejects with ApiRefused when the answer is an error. */
  async #call(method: string, params: object): Promise<Record<string, unknown>> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=UTF-8' },
      body: JSON.stringify({ jsonrpc: '2.0', id: `demo-${++this.#lastId}`, method, params }),
      signal: AbortSignal.timeout(10_000),
    });
    const answer = (await response.json()) as Answer;
    if (answer.result === undefined) {
      throw new ApiRefused(method, response.status, answer.error);
    }
    return answer.result.data;
  }
}

type Answer = {
  readonly result?: { readonly data: Record<string, unknown> };
  readonly error?: ApiError;
};
type ApiError = {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly mnemonic: string };
};

/** The server answered with an error of its catalogue, or not at all as it should. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused';
  readonly code: number | undefined;
  readonly mnemonic: string | undefined;

  constructor(method: string, status: number, error: ApiError | undefined) {
    super(`${method}: ${error?.message ?? `HTTP status ${status} without a result`}`);
    this.code = error?.code;
    this.mnemonic = error?.data.mnemonic;
  }
}
