import type { RequestStore } from '../store/store.ts';
import type { Caller } from './access.ts';
import { isObject, type RpcRequest } from './envelope.ts';
import { type ApiError, withoutLimits } from './errors.ts';
import type { Method } from './method.ts';

/** A request whose sender is known, and what came of it. */
export type AnsweredRequest = {
  readonly caller: Caller;
  readonly method: Method;
  readonly request: RpcRequest;
  /** Points it costs. */
  readonly weight: number;
  /** `4.0`, without the `v`. */
  readonly apiVersion: string;
  /** IP address of the client. */
  readonly address: string;
  /** Wall ms of its arrival. */
  readonly at: number;
  readonly executionMs: number;
  /** What it failed with. */
  readonly error: ApiError | undefined;
  /** `result.data` of one that succeeded. */
  readonly data: unknown;
};

/** Longer bodies are cut: a log must not fill the disk with what a client sends by mistake. */
const mostBodyLength = 16_384;
/** Parameters whose values are kept nowhere, misspelt ones included. */
const secret = /token|pass|secret/i;

/**
 * The API request report, spec/call-api.md section 14: every request is listed but those that failed
 * with one of the eight errors of section 5. A request whose sender is not known (no `access_token`,
 * a batch) is in no account's report.
 */
export class RequestLog {
  readonly #store: RequestStore;

  constructor(store: RequestStore) {
    this.#store = store;
  }

  /** Only takes note: it is written later, together with others. */
  record(answered: AnsweredRequest): void {
    const { caller, method, request, weight, apiVersion, address, at, executionMs } = answered;
    const { error, data } = answered;
    if (error !== undefined && withoutLimits.has(error.mnemonic)) return;
    const { params } = request;
    const { key } = caller;
    this.#store.append({
      accountId: caller.account.id,
      at,
      method: method.name,
      component: method.component,
      apiVersion,
      rawId: request.id.slice(0, mostBodyLength),
      externalId: typeof params.external_id === 'string' ? params.external_id : null,
      ip: address,
      userLogin: caller.user.login,
      keyLabel: key?.kind === 'permanent' ? key.label : null,
      weight,
      errorCode: error?.code ?? null,
      errorMnemonic: error?.mnemonic ?? null,
      executionMs,
      callSessionId: sessionIdIn(data) ?? sessionIdIn(params) ?? null,
      body: bodyText(request),
    });
  }
}

/** The request without its secrets. */
function bodyText({ id, method, params }: RpcRequest): string {
  const shown = JSON.stringify(withoutSecrets(params));
  const text = `{"jsonrpc":"2.0","id":${id},"method":${JSON.stringify(method)},"params":${shown}}`;
  return text.length > mostBodyLength ? `${text.slice(0, mostBodyLength)}…` : text;
}

/** The envelope limits the depth. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (!isObject(value)) return value;
  const kept: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value))
    if (!secret.test(name)) kept[name] = typeof inner === 'object' ? withoutSecrets(inner) : inner;
  return kept;
}

function sessionIdIn(data: unknown): number | undefined {
  const id = isObject(data) ? data.call_session_id : undefined;
  return Number.isSafeInteger(id) ? (id as number) : undefined;
}
