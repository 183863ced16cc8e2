import { ServiceStopping } from '../calls/call-service.ts';
import type { Caller } from './access.ts';
import {
  discover,
  documentText,
  type Envelope,
  errorText,
  type RpcRequest,
  readEnvelope,
  resultText,
} from './envelope.ts';
import { ApiError } from './errors.ts';
import type { ApiParts, Method } from './method.ts';
import { methods } from './methods/methods.ts';
import { openRpcText } from './openrpc/openrpc.ts';
import { checkEncoding, checkParameters } from './parameters.ts';
import type { ApiProfile } from './profile.ts';

/** What HTTP knows of a request. */
export type RpcInput = {
  readonly body: Uint8Array;
  /** IP address of the caller. */
  readonly address: string;
  /** What links to this server begin with. */
  readonly origin: string;
  /** The charset that Content-Type declares, lower case; undefined: none. */
  readonly charset: string | undefined;
};

/** The API at `POST /v4.0`. */
export const callApi: ApiProfile = {
  name: 'Call API',
  version: '4.0',
  methods,
  mayUse: (user) => user.callApi,
  disabled: (component) =>
    new ApiError('component_disabled', { params: { component_name: component } }),
};

/** A request that is not through by then is answered all the same: a client must never hang. */
const answerLimitMs = 10_000;

const strict = new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder('utf-8');

/**
 * Answers one request body, whatever it holds; never rejects. The checks come in the order of
 * spec/call-api.md section 5.
 */
export async function answerJsonRpc(
  input: RpcInput,
  parts: ApiParts,
  profile: ApiProfile = callApi,
): Promise<string> {
  const { address, origin } = input;
  const startedAt = parts.clock.now();
  const { text, isUtf8 } = decode(input);
  const envelope = readEnvelope(text);
  return answerEnvelope({ envelope, isUtf8, address, origin, startedAt }, parts, profile);
}

/** A request that was taken out of what HTTP brought. */
export type Received = {
  readonly envelope: Envelope;
  readonly isUtf8: boolean;
  readonly address: string;
  readonly origin: string;
  /** On the clock's monotonic time. */
  readonly startedAt: number;
  /** What runs in the place of the method of that name: it has more to work with than JSON. */
  readonly method?: Method;
};

/** The same for a request that came in another form than JSON. */
export async function answerEnvelope(
  received: Received,
  parts: ApiParts,
  profile: ApiProfile,
): Promise<string> {
  const { envelope, isUtf8, address, origin, startedAt } = received;
  const at = parts.clock.wallTime();
  const { id } = envelope;
  let method: Method | undefined;
  let caller: Caller | undefined;
  let error: ApiError | undefined;
  let data: unknown;
  try {
    if ('error' in envelope) throw envelope.error;
    const { request } = envelope;
    if (request.method === discover) return documentText(id, openRpcText());
    method = received.method ?? profile.methods.get(request.method);
    if (method === undefined) throw new ApiError('method_not_found');
    caller = await identify(method, request, address, parts);
    data = await run({ profile, method, caller, request, isUtf8, address, origin }, parts);
    return resultText(id, data, parts.points.limits(caller.account));
  } catch (cause) {
    error = toApiError(cause, parts, method);
    return errorText(id, error, caller && parts.points.limits(caller.account));
  } finally {
    const executionMs = parts.clock.now() - startedAt;
    if ('request' in envelope && method !== undefined && caller !== undefined) {
      const { request } = envelope;
      const apiVersion = profile.version;
      const weight = parts.points.weightOf(method);
      const known = { caller, method, request, weight, apiVersion, address, at };
      parts.requests.record({ ...known, executionMs, error, data });
    }
    const fields = {
      method: method?.name ?? null,
      outcome: error?.mnemonic ?? 'ok',
      accountId: caller?.account.id,
      durationMs: Math.round(executionMs),
      address,
    };
    parts.log.debug(fields, 'API request answered');
  }
}

/**
 * The text of a body. One that is not UTF-8 is read as far as it goes, so that the errors that come
 * before the encoding's are found and the id is echoed.
 */
function decode({ body, charset }: RpcInput): { text: string; isUtf8: boolean } {
  const declared = charset === undefined || charset === 'utf-8' || charset === 'utf8';
  try {
    return { text: strict.decode(body), isUtf8: declared };
  } catch {
    return { text: lenient.decode(body), isUtf8: false };
  }
}

/** Step 6. */
async function identify(
  method: Method,
  { params }: RpcRequest,
  address: string,
  parts: ApiParts,
): Promise<Caller> {
  if (method.identify !== undefined) return method.identify(params, address, parts);
  const { access_token: token } = params;
  if (token === undefined || token === null)
    throw new ApiError('required_parameter_missed', { field: 'access_token' });
  if (typeof token !== 'string') throw new ApiError('data_type_error', { field: 'access_token' });
  try {
    return await parts.access.resolve(token);
  } catch (error) {
    if (error instanceof ApiError) await parts.tokens.refused(address);
    throw error;
  }
}

type Identified = {
  readonly profile: ApiProfile;
  readonly method: Method;
  readonly caller: Caller;
  readonly request: RpcRequest;
  readonly isUtf8: boolean;
  readonly address: string;
  readonly origin: string;
};

/** Steps 7 to 16, then the method itself. */
async function run(identified: Identified, parts: ApiParts): Promise<unknown> {
  const { profile, method, caller, request, isUtf8, address, origin } = identified;
  const { account, user } = caller;
  if (!(await parts.allowsAddress(account, address)))
    throw new ApiError('ip_not_whitelisted', { params: { ip: address } });
  if (!account.active) throw new ApiError('account_inactive');
  const may = profile.mayUse(user) && (user.administration || !method.administration);
  if (!may) throw new ApiError('forbidden');
  if (account.disabledComponents.includes(method.component))
    throw profile.disabled(method.component);
  const giveBack = parts.points.take(account, parts.points.weightOf(method));
  try {
    const params = checkParameters(method.params, request.params);
    if (!isUtf8) throw new ApiError('character_encoding_not_allowed');
    checkEncoding(request.params);
    const limitMs = method.answerLimitMs ?? answerLimitMs;
    return await inTime(method.run({ params, caller, parts, address, origin }), limitMs, parts);
  } catch (error) {
    giveBack();
    throw error;
  }
}

/** What is under way goes on: a call whose answer came too late may still be placed. */
function inTime<T>(work: Promise<T>, limitMs: number, { clock }: ApiParts): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const limit = clock.setTimer(limitMs, () => reject(new Error(`no outcome within ${limitMs} ms`)));
  work.then(resolve, reject).finally(() => limit.cancel());
  return promise;
}

/** Anything but an error of the catalogue is a fault of the server: logged in full, told in one sentence. */
function toApiError(cause: unknown, { log }: ApiParts, method: Method | undefined): ApiError {
  if (cause instanceof ApiError) return cause;
  const fields = { error: cause, method: method?.name };
  if (cause instanceof ServiceStopping)
    log.info(fields, 'a call was refused: the server is stopping');
  else log.error(fields, 'an API method failed');
  return new ApiError('internal_error');
}
