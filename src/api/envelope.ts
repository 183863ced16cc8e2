import { ApiError, type ErrorDetails, withoutLimits } from './errors.ts';
import { Listing } from './listing.ts';
import type { Limits } from './points.ts';

/** A request that is well formed as JSON-RPC; whether its method exists is another matter. */
export type RpcRequest = {
  /** The JSON text of the id, echoed as it came: a string stays a string, digits are not rounded. */
  readonly id: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
};

/** The one method whose `params` may be anything or missing: tools for OpenRPC send it so. */
export const discover = 'rpc.discover';

const deepest = 32;
const mostMembers = 10_000;
const [quote, backslash] = [0x22, 0x5c];
const comma = 0x2c;
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d];

/** The outcome of reading a body; `id` is what can be echoed even when the request is refused. */
export type Envelope = { readonly id: string } & (
  | { readonly request: RpcRequest }
  | { readonly error: ApiError }
);

/**
 * Steps 1 to 4 of the order of checks: spec/call-api.md sections 2 and 5.
 *
 * Deviation: JSON-RPC 2.0 sections 4.1 and 6 give a notification no answer and a batch several; the
 * vendor answers both with an error. Section 4.2 allows `params` to be an array or absent; here they
 * are an object.
 */
export function readEnvelope(text: string): Envelope {
  let body: unknown;
  if (isTooLarge(text)) return refused('null', 'parse_error');
  try {
    body = JSON.parse(text);
  } catch {
    return refused('null', 'parse_error');
  }
  if (Array.isArray(body)) return refused('null', 'batch_opreations_not_supported');
  if (!isObject(body)) return refused('null', 'invalid_request');

  const { jsonrpc, method, params } = body;
  const hasId = Object.hasOwn(body, 'id');
  const id = hasId ? idText(body.id, text) : 'null';
  if (jsonrpc !== '2.0') return refused(id ?? 'null', 'invalid_request', { field: 'jsonrpc' });
  if (id === undefined) return refused('null', 'invalid_request', { field: 'id' });
  if (typeof method !== 'string') return refused(id, 'invalid_request', { field: 'method' });
  if (!isObject(params) && method !== discover)
    return refused(id, 'invalid_request', { field: 'params' });
  if (!hasId) return refused('null', 'notifications_not_supported', { field: 'id' });
  return { id, request: { id, method, params: isObject(params) ? params : {} } };
}

/** A successful answer. Never a null beside it: a client tests which key is there (section 17). */
export function resultText(id: string, data: unknown, limits: Limits): string {
  const result =
    data instanceof Listing
      ? { data: data.rows, metadata: { total_items: data.totalItems, limits } }
      : { data, metadata: { limits } };
  return `{"jsonrpc":"2.0","id":${id},"result":${JSON.stringify(result)}}`;
}

/** The answer to `rpc.discover`: by OpenRPC the document itself is `result`. */
export function documentText(id: string, document: string): string {
  return `{"jsonrpc":"2.0","id":${id},"result":${document}}`;
}

/** All six keys of `error.data` are always there: clients read them unguarded (section 17). */
export function errorText(id: string, error: ApiError, limits: Limits | undefined): string {
  const { field = null, value, params = {} } = error.details;
  const shown = limits === undefined || withoutLimits.has(error.mnemonic) ? {} : { limits };
  const text = JSON.stringify({
    code: error.code,
    message: error.message,
    data: {
      mnemonic: error.mnemonic,
      field,
      value: isSecret(field) ? null : valueText(value),
      params,
      extended_helper: null,
      metadata: shown,
    },
  });
  return `{"jsonrpc":"2.0","id":${id},"error":${text}}`;
}

function refused(id: string, mnemonic: ApiError['mnemonic'], details?: ErrorDetails): Envelope {
  // No value: a misplaced token must not come back in an answer.
  return { id, error: new ApiError(mnemonic, details) };
}

/**
 * RFC 8259 section 9 lets a parser limit depth and size. Our requests have three levels and some dozens of
 * members; half a million of brackets or commas would hold the event loop, and with it every call, for
 * half a second.
 */
function isTooLarge(text: string): boolean {
  let depth = 0;
  let members = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === backslash) at++;
      else if (code === quote) quoted = false;
    } else if (code === quote) quoted = true;
    else if (code === openBrace || code === openBracket) {
      if (++depth > deepest) return true;
    } else if (code === closeBrace || code === closeBracket) depth--;
    else if (code === comma && ++members > mostMembers) return true;
  }
  return false;
}

/** A JSON object: neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The id as JSON; undefined when it is neither string nor number. */
function idText(id: unknown, body: string): string | undefined {
  if (typeof id === 'string') return JSON.stringify(id);
  if (typeof id !== 'number') return undefined;
  return Number.isSafeInteger(id) ? String(id) : exactNumber(body);
}

type Reviver = (this: object, key: string, value: unknown, context: { source?: string }) => unknown;

/** The digits of a top-level numeric id as they were sent: a double would round them. */
function exactNumber(body: string): string | undefined {
  const sources = new Map<object, string>();
  const note: Reviver = function (key, value, { source }) {
    if (key === 'id' && source !== undefined) sources.set(this, source);
    return value;
  };
  const root = JSON.parse(body, note as (this: unknown, key: string, value: unknown) => unknown);
  return sources.get(root as object);
}

/** Names of parameters whose values no answer may carry, misspelt ones included. */
function isSecret(field: string | null): boolean {
  return field !== null && /token|login|pass|secret|key/i.test(field);
}

/** Strings as they came, anything else as its JSON text: typed clients expect a string (section 4). */
function valueText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (key, inner: unknown) => (isSecret(key) ? null : inner));
}
