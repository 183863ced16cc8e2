import type { SocketAddress } from '../base/address.ts';
import { formatAddress } from '../base/address.ts';
import { type CallApi, Client } from '../client/client.ts';

/** Of `start.simple_call`. */
export type SimpleCallParams = CallApi['start.simple_call']['params'];

/** The demo's way to the server, as any client's. */
export class ApiClient {
  readonly url: string;
  readonly #client: Client;

  constructor(server: SocketAddress, user: { readonly login: string; readonly password: string }) {
    const base = `http://${formatAddress(server)}`;
    this.url = `${base}/v4.0`;
    this.#client = new Client({ url: base, timeoutMs: 10_000, ...user });
  }

  async logIn(): Promise<void> {
    await this.#client.login();
  }

  /** Resolves with the call_session_id; rejects with the client's ApiError. */
  async startSimpleCall(params: SimpleCallParams): Promise<number> {
    return (await this.#client.call('start.simple_call', params)).call_session_id;
  }

  async releaseCall(callSessionId: number): Promise<void> {
    await this.#client.call('release.call', { call_session_id: callSessionId });
  }
}
