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
      const { message = 'no result', data } = answer.error ?? {};
      throw new ApiRefused(`${method}: ${message} (${data?.mnemonic ?? response.status})`, data);
    }
    return answer.result.data;
  }
}

type Answer = {
  readonly result?: { readonly data: Record<string, unknown> };
  readonly error?: { readonly message: string; readonly data?: ErrorData };
};
type ErrorData = { readonly mnemonic: string; readonly field?: string | null };

/** The server answered with an error of its catalogue. */
export class ApiRefused extends Error {
  override readonly name = 'ApiRefused';
  readonly mnemonic: string | undefined;

  constructor(message: string, data?: ErrorData) {
    super(message);
    this.mnemonic = data?.mnemonic;
  }
}
