import type { Timer } from '../../base/clock.ts';
import { randomInt } from '../../base/random.ts';
import type { Sink } from '../../base/sink.ts';
import type { SessionDescription } from '../../sdp/session-description.ts';
import { createResponse, type SipRequest } from '../message/sip-message.ts';
import type { ServerHandle } from '../transaction/transaction-layer.ts';
import type { InviteSessionEvent } from '../user-agent.ts';
import { descriptionOf, hasForeignBody, type ReceivedDescription } from './message-body.ts';
import { tryingAfter } from './ok-until-ack.ts';
import { acceptHeader, type HeaderLine, type SessionHost } from './session-host.ts';

export type OfferEvent = Extract<InviteSessionEvent, { type: 'offered' }>;

/** Why an offer is not even looked at. */
export type Refusal = readonly [status: number, ...headers: HeaderLine[]];

/** An offer of the peer's that waits for `accept` or `reject`. */
type Exchange = { readonly server: ServerHandle; readonly trying: Timer | undefined };

/**
 * What the peer of a dialog has told us about its media, and the offer of it that waits for our answer:
 * at most one at a time (RFC 3261 section 14.2, RFC 3311 section 5.2, RFC 6337).
 */
export class ReceivedOffers {
  readonly #host: SessionHost;
  #text: string;
  #exchange: Exchange | undefined;

  /** `text`: the peer's last description; '' when none has come yet. */
  constructor(host: SessionHost, text: string) {
    this.#host = host;
    this.#text = text;
  }

  /** The peer's description that holds, as it came. */
  get text(): string {
    return this.#text;
  }

  set text(text: string) {
    this.#text = text;
  }

  /** True while an offer of the peer's waits. */
  get isPending(): boolean {
    return this.#exchange !== undefined;
  }

  /**
   * The checks that come before an offer is read. `ownOffer`: one of ours is on its way, so that the
   * two would cross.
   */
  refusalOf(request: SipRequest, ownOffer: boolean): Refusal | undefined {
    if (hasForeignBody(request)) return [415, acceptHeader];
    if (request.method !== 'INVITE' && request.body.length === 0) return undefined;
    if (this.isPending) return [500, ['Retry-After', `${randomInt(this.#host.random, 0, 10)}`]];
    if (ownOffer) return [491];
    return descriptionOf(request) === 'unreadable' ? [488] : undefined;
  }

  /** Lets `sink` decide on an offer; `accepted` sends its answer. */
  present(
    server: ServerHandle,
    offer: ReceivedDescription,
    sink: Sink<OfferEvent>,
    accepted: (answer: SessionDescription) => void,
  ): void {
    const trying =
      server.request.method === 'INVITE'
        ? tryingAfter(this.#host, () => server.respond(createResponse(server.request, 100)))
        : undefined;
    const exchange: Exchange = { server, trying };
    this.#exchange = exchange;
    sink({
      type: 'offered',
      offer: offer.description,
      accept: (answer) => {
        if (this.#exchange !== exchange) return;
        this.#close();
        this.#text = offer.text;
        accepted(answer);
      },
      reject: (status) => {
        if (this.#exchange === exchange) this.refuse(status);
      },
    });
  }

  /** Refuses the offer that waits, if one does. */
  refuse(status: number): void {
    const { server } = this.#exchange ?? {};
    if (server === undefined) return;
    this.#close();
    server.respond(createResponse(server.request, status));
  }

  /** Without a message: the whole stack is being closed. */
  stop(): void {
    this.#exchange?.trying?.cancel();
  }

  #close(): void {
    this.#exchange?.trying?.cancel();
    this.#exchange = undefined;
  }
}
