import { readFile } from 'node:fs/promises';
import { createServer as createHttp, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { EventBus } from '../bus/event-bus.ts';
import type { CallService } from '../calls/call-service.ts';
import { noRegistrations } from '../model/registration.ts';
import type { MediaIntake } from '../model/stored-sound.ts';
import type { NumberRules } from '../numbers/number-rules.ts';
import type { Store } from '../store/store.ts';
import { Access } from './access.ts';
import { ClientAddresses, type ProxyOptions } from './client-address.ts';
import { dataApi } from './data/data-api.ts';
import { EventStreams } from './event-stream.ts';
import { answerJsonRpc, callApi } from './json-rpc.ts';
import { LoginGuard } from './login-guard.ts';
import { PlayLinks } from './media/play-links.ts';
import { playMedia } from './media/play-media.ts';
import { answerUpload } from './media/upload-route.ts';
import type { ApiParts, SipAccess, Speech } from './method.ts';
import { openRpcText } from './openrpc/openrpc.ts';
import { Points } from './points.ts';
import type { ApiProfile } from './profile.ts';
import { PublicUrl } from './public-url.ts';
import { RequestLog } from './request-log.ts';
import { TokenGuard } from './token-guard.ts';

/** 1 MiB: the longest body that is read. */
const mostBodyBytes = 2 ** 20;
/** What a client is given to send JSON. */
const bodyLimitMs = 30_000;
/** What running requests are given when the server closes. */
const closeLimitMs = 5_000;

export type HttpApiOptions = {
  readonly store: Store;
  readonly calls: CallService;
  /** Default: nothing is spoken, and messages of type `tts` fail. */
  readonly speech?: Speech;
  /** Default: no line is registered, nor told where to. */
  readonly sip?: SipAccess;
  /** Default: nothing is taken in. */
  readonly media?: MediaOptions;
  /** Restored before the API listens, and told of every call event. */
  readonly numbers: NumberRules;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** Port 0: any free one. */
  readonly address: SocketAddress;
  /** Paths of PEM files. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Default: none is trusted. */
  readonly proxies?: ProxyOptions;
  /** What links to this server begin with; default: as it was called. */
  readonly publicUrl?: string;
  /** Points by the name of a method, where they differ from its own. */
  readonly weights?: ReadonlyMap<string, number>;
};

export type MediaOptions = {
  readonly intake: MediaIntake;
  /** How long a `play_link` plays. */
  readonly linkMs: number;
};

export type HttpApi = {
  /** Rejects when the address is taken; tells the actual port. */
  listen(): Promise<SocketAddress>;
  /** Takes no new request, lets the running ones finish, ends the event streams. */
  close(): Promise<void>;
  /** For tests: a request without a socket, as if from `address`. */
  fetch(request: Request, address?: string): Promise<Response>;
};

const mute: Speech = { speak: () => Promise.reject(new Error('no speech engine is given')) };

const closed: MediaOptions = {
  intake: {
    take: () => Promise.reject(new Error('no media library is given')),
    receive: () => Promise.reject(new Error('no media library is given')),
  },
  linkMs: 3_600_000,
};

type Env = { Bindings: { incoming?: IncomingMessage; address?: string } };

type AppParts = {
  readonly parts: ApiParts;
  readonly streams: EventStreams;
  readonly addresses: ClientAddresses;
  readonly publicUrl: PublicUrl;
  readonly isClosing: () => boolean;
};

/**
 * The Call API over HTTP: `POST /v4.0`. Every outcome of JSON-RPC, errors included, is status 200, for
 * clients throw the body of any other away (spec/call-api.md section 1).
 */
export function createHttpApi(options: HttpApiOptions): HttpApi {
  const { store, calls, bus, clock, random, log } = options;
  const access = new Access(store, clock);
  const { weights } = options;
  const points = new Points({ clock, log, store: store.points, ...(weights && { weights }) });
  const media = options.media ?? closed;
  let restored: Promise<void> | undefined;
  const restore = (): Promise<void> => (restored ??= points.restore());
  const parts: ApiParts = {
    store,
    calls,
    speech: options.speech ?? mute,
    sip: options.sip ?? { server: '', states: noRegistrations },
    media: media.intake,
    links: new PlayLinks({ secrets: store.secrets, clock, random, linkMs: media.linkMs }),
    numbers: options.numbers,
    clock,
    random,
    log,
    access,
    points,
    logins: new LoginGuard(clock),
    tokens: new TokenGuard(clock),
    requests: new RequestLog(store.requests),
    allowsAddress: (account, address) => access.allows(account, address),
  };
  const streams = new EventStreams(parts, bus);
  let closing = false;
  const proxies = options.proxies ?? { trustedProxies: [], forwardedHeader: 'X-Forwarded-For' };
  const addresses = new ClientAddresses(proxies, log);
  const publicUrl = new PublicUrl(options.publicUrl, proxies);
  const app = createApp({ parts, streams, addresses, publicUrl, isClosing: () => closing });
  let server: Server | undefined;
  return {
    async listen() {
      await restore();
      server = await createNodeServer(app, options.tls);
      const { host, port } = options.address;
      await new Promise<void>((resolve, reject) => {
        server!.once('error', (error) => reject(listenError(error, options.address)));
        server!.listen(port, host, resolve);
      });
      return { host, port: (server.address() as AddressInfo).port };
    },
    async close() {
      closing = true;
      streams.closeAll();
      if (server !== undefined) await closeServer(server, clock);
      await points.close();
    },
    async fetch(request, address = '127.0.0.1') {
      await restore();
      return app.fetch(request, { address });
    },
  };
}

function createApp({ parts, streams, addresses, publicUrl, isClosing }: AppParts): Hono<Env> {
  const addressOf = ({ env, req }: Context<Env>): string =>
    addresses.of(peerOf(env), (name) => req.header(name));
  const originOf = ({ env, req }: Context<Env>): string =>
    publicUrl.of({ peer: peerOf(env), url: req.url, header: (name) => req.header(name) });
  const app = new Hono<Env>();
  app.use(async (context, next) => {
    await next();
    // A connection kept alive would hold the server open until it times out.
    if (isClosing()) context.res.headers.set('connection', 'close');
  });
  const call = async (context: Context<Env>, api: ApiProfile): Promise<Response> => {
    // The server's own limit leaves time for an upload, which needs more than any JSON.
    const limit = parts.clock.setTimer(bodyLimitMs, () => context.env.incoming?.destroy());
    const body = await readBody(context).finally(() => limit.cancel());
    if (body === undefined)
      return context.json({ error: 'the body is larger than 1 MiB: send less' }, 413);
    const charset = declaredCharset(context.req.header('content-type'));
    const input = { body, address: addressOf(context), origin: originOf(context), charset };
    const answer = await answerJsonRpc(input, parts, api);
    return new Response(answer, { headers: jsonHeaders });
  };
  for (const api of [callApi, dataApi])
    for (const path of [`/v${api.version}`, `/v${api.version}/`]) {
      app.post(path, (context) => call(context, api));
      app.all(path, (context) => {
        context.header('Allow', 'POST');
        return context.json({ error: `the ${api.name} is called by POST` }, 405);
      });
    }
  addMediaRoutes(app, parts, { addressOf, originOf });
  app.get('/v4.0/events', (context) => streams.answer(context, addressOf(context)));
  // For tools in a browser, wherever they come from: it says nothing of this installation.
  app.get('/openrpc.json', () => {
    return new Response(openRpcText(), {
      headers: { ...jsonHeaders, 'access-control-allow-origin': '*' },
    });
  });
  app.get('/health', (context) => context.json({ status: 'ok' }));
  app.notFound((context) =>
    context.json(
      { error: 'nothing is here: the Call API is POST /v4.0, the Data API POST /v2.0' },
      404,
    ),
  );
  app.onError((error, context) => {
    parts.log.warn({ error }, 'an HTTP request failed');
    return context.json({ error: 'the request could not be read' }, 400);
  });
  return app;
}

type OfRequest = {
  readonly addressOf: (context: Context<Env>) => string;
  readonly originOf: (context: Context<Env>) => string;
};

/** Sound files in and out. */
function addMediaRoutes(app: Hono<Env>, parts: ApiParts, { addressOf, originOf }: OfRequest): void {
  app.post('/v2.0/media', async (context) => {
    const at = { address: addressOf(context), origin: originOf(context) };
    const { text, isUnread } = await answerUpload(context.req.raw, at, parts);
    const headers = isUnread ? { ...jsonHeaders, connection: 'close' } : jsonHeaders;
    return new Response(text, { headers });
  });
  app.all('/v2.0/media', (context) => {
    context.header('Allow', 'POST');
    return context.json({ error: 'media files are uploaded by POST' }, 405);
  });
  app.get('/media/:file', ({ req }) =>
    playMedia(
      {
        fileId: req.param('file'),
        query: (name) => req.query(name),
        header: (name) => req.header(name),
        isHead: req.method === 'HEAD',
      },
      { store: parts.store, links: parts.links, now: parts.clock.wallTime() },
    ),
  );
}

const jsonHeaders = { 'content-type': 'application/json; charset=UTF-8' };

/** undefined: too long. */
async function readBody({ req }: Context<Env>): Promise<Uint8Array | undefined> {
  const length = req.header('content-length');
  // Node hands over no more than the length that was declared.
  if (length !== undefined && req.header('transfer-encoding') === undefined)
    return Number(length) > mostBodyBytes ? undefined : new Uint8Array(await req.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of req.raw.body ?? []) {
    total += chunk.length;
    if (total > mostBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** RFC 9110 section 8.3.2, lower case; a body without one is taken for UTF-8. */
function declaredCharset(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*"?([^\s";]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase();
}

/** The IP address at the other end of the connection. */
function peerOf(env: Env['Bindings'] | undefined): string {
  return env?.address ?? env?.incoming?.socket.remoteAddress ?? '';
}

/** A client that is slow to send, or idle, gives its socket back in bounded time. */
async function createNodeServer(app: Hono<Env>, tls: HttpApiOptions['tls']): Promise<Server> {
  const timeouts = { requestTimeout: 600_000, headersTimeout: 10_000, keepAliveTimeout: 65_000 };
  const common = { fetch: app.fetch, overrideGlobalObjects: false };
  if (tls === undefined)
    return createAdaptorServer({
      ...common,
      createServer: createHttp,
      serverOptions: timeouts,
    }) as Server;
  const [cert, key] = await Promise.all([readFile(tls.certificate), readFile(tls.key)]);
  return createAdaptorServer({
    ...common,
    createServer: createHttps,
    serverOptions: { ...timeouts, cert, key },
  }) as unknown as Server;
}

/** Lets running requests end within a limit. */
async function closeServer(server: Server, clock: Clock): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const limit = clock.setTimer(closeLimitMs, () => server.closeAllConnections());
  await closed;
  limit.cancel();
}

/** Says which setting to change. */
function listenError(error: NodeJS.ErrnoException, { host, port }: SocketAddress): Error {
  if (error.code !== 'EADDRINUSE') return error;
  const fix = 'choose another http.port, or stop the program that has it';
  return new Error(`the HTTP address ${host}:${port} is taken: ${fix}`, { cause: error });
}
