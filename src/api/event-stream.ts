import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { EventBus } from '../bus/event-bus.ts';
import type { CallEvent, CallEventOf } from '../model/call-event.ts';
import type { Cdr } from '../model/cdr.ts';
import { ApiError } from './errors.ts';
import type { ApiParts } from './method.ts';

/** A comment is sent this often, so that proxies keep a quiet stream open. */
const keepAliveMs = 15_000;
/** A reader that is this far behind is let go. */
const mostUnread = 10_000;

type Subscription = {
  /** What is sent first. */
  readonly past: readonly CallEvent[];
  readonly wants: (event: CallEvent) => boolean;
  readonly endsWithCall: boolean;
  /** Is the key still good? */
  readonly isAllowed: () => Promise<boolean>;
};

/** What node-server hands over of the connection. */
type NodeBindings = { readonly incoming?: IncomingMessage };

/** The open streams of a server; all of them are ended when it closes. */
export class EventStreams {
  readonly #parts: ApiParts;
  readonly #bus: EventBus;
  readonly #open = new Set<() => void>();

  constructor(parts: ApiParts, bus: EventBus) {
    this.#parts = parts;
    this.#bus = bus;
  }

  /** Called before the server closes: a stream would never end by itself. */
  closeAll(): void {
    for (const end of this.#open) end();
  }

  /**
   * `GET /v4.0/events?call_session_id=N` with `Authorization: Bearer <token>`, an extension of this
   * server: the call's events as Server-Sent Events, from its start to `callEnded`. Without the id:
   * every event of the account from now on.
   */
  async answer(context: Context, address: string): Promise<Response> {
    const caller = await this.#identify(context, address);
    if (caller instanceof Response) return caller;
    const { accountId } = caller;
    // Nobody reads the body of an answer to HEAD: a stream for it would never end.
    if (context.req.raw.method === 'HEAD') return context.body(null);
    const isAllowed = async (): Promise<boolean> =>
      !((await this.#identify(context, address)) instanceof Response);
    const wanted = context.req.query('call_session_id');
    if (wanted === undefined) {
      const wants = (event: CallEvent): boolean => event.accountId === accountId;
      return this.#stream(context, { past: [], wants, endsWithCall: false, isAllowed });
    }

    const id = /^[0-9]{1,15}$/.test(wanted) ? Number(wanted) : Number.NaN;
    // Nothing may be awaited between reading what happened and listening for what comes.
    const past = this.#parts.calls.events(accountId, id);
    if (past !== undefined) {
      const wants = (event: CallEvent): boolean => event.callSessionId === id;
      return this.#stream(context, { past, wants, endsWithCall: true, isAllowed });
    }
    const record = await this.#record(accountId, id);
    if (record !== undefined) {
      const ended = [toEnd(record)];
      return this.#stream(context, {
        past: ended,
        wants: () => false,
        endsWithCall: true,
        isAllowed,
      });
    }
    return context.json(
      {
        error: `there is no call ${wanted.slice(0, 20)} of this account; start.simple_call answers the call_session_id`,
      },
      404,
    );
  }

  /** The account that may listen, or the refusal. */
  async #identify(
    context: Context,
    address: string,
  ): Promise<{ readonly accountId: number } | Response> {
    const [, token] = /^Bearer +(\S+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
    if (token === undefined) {
      context.header('WWW-Authenticate', 'Bearer');
      return context.json({ error: 'send the access token: Authorization: Bearer <token>' }, 401);
    }
    try {
      const { account, user } = await this.#parts.access.resolve(token);
      if (!(await this.#parts.allowsAddress(account, address)))
        throw new ApiError('ip_not_whitelisted', { params: { ip: address } });
      if (!account.active) throw new ApiError('account_inactive');
      if (!user.callApi) throw new ApiError('forbidden');
      return { accountId: account.id };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const status = error.code === -32001 ? 401 : 403;
      if (status === 401) await this.#parts.tokens.refused(address);
      return context.json({ error: error.message, mnemonic: error.mnemonic }, status);
    }
  }

  /** The record of an ended call of this account. */
  async #record(accountId: number, id: number): Promise<Cdr | undefined> {
    if (Number.isNaN(id)) return undefined;
    const { calls } = this.#parts.store;
    await calls.flushed(); // The record of a call that ended just now may still be on its way.
    const record = await calls.record(id);
    return record?.accountId === accountId ? record : undefined;
  }

  /** Sends `past`, then what the bus brings, until the call, the listener or the server ends it. */
  #stream(context: Context, { past, wants, endsWithCall, isAllowed }: Subscription): Response {
    const queue = [...past];
    let wake = (): void => {};
    let over = false;
    const subscription = this.#bus.subscribe((event) => {
      if (!wants(event)) return;
      queue.push(event);
      if (queue.length > mostUnread) cut();
      wake();
    });
    let keepAlive = (): void => {};
    const end = (): void => {
      over = true;
      // At once: a reader that stands still may hold up the writing below for ever.
      subscription[Symbol.dispose]();
      keepAlive();
      this.#open.delete(end);
      wake();
    };
    const cut = (): void => {
      queue.length = 0;
      end();
      (context.env as NodeBindings | undefined)?.incoming?.socket.destroy();
    };
    this.#open.add(end);
    return streamSSE(context, async (stream) => {
      stream.onAbort(end);
      keepAlive = this.#keepAlive(stream, isAllowed, end);
      try {
        while (!over) {
          const event = queue.shift();
          if (event === undefined) {
            const { promise, resolve } = Promise.withResolvers<void>();
            wake = resolve;
            await promise;
            continue;
          }
          await stream.writeSSE({ data: JSON.stringify(event) });
          if (endsWithCall && event.type === 'callEnded') break;
        }
      } finally {
        end();
      }
    });
  }

  /** Also ends the stream when its key is no longer good. Answers the function that stops it. */
  #keepAlive(
    stream: SSEStreamingApi,
    isAllowed: () => Promise<boolean>,
    end: () => void,
  ): () => void {
    const { clock, log } = this.#parts;
    let isWritten = true;
    const send = (): void => {
      timer = clock.setTimer(keepAliveMs, send);
      isAllowed().then(
        (allowed) => allowed || end(),
        (error: unknown) => log.warn({ error }, 'the key of an event stream could not be checked'),
      );
      if (!isWritten) return; // The reader stands still: comments must not pile up.
      isWritten = false;
      void stream.write(': still here\n\n').then(() => {
        isWritten = true;
      });
    };
    let timer = clock.setTimer(keepAliveMs, send);
    return () => timer.cancel();
  }
}

/** How a call ended that is over already. */
function toEnd(cdr: Cdr): CallEventOf<'callEnded'> {
  const { callSessionId, accountId, endedAt: at, cause, finishReason } = cdr;
  return { callSessionId, accountId, at, type: 'callEnded', cause, finishReason };
}
