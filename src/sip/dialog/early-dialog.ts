import { parseDigits } from '../message/grammar.ts';
import { createResponse, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { type Table, TableMachine } from '../transaction/table-machine.ts';
import type { Hop } from '../transport/hop.ts';
import { Dialog } from './dialog.ts';
import { sendInDialog } from './in-dialog-request.ts';
import type { LocalDescription } from './local-description.ts';
import {
  descriptionOf,
  encodeDescription,
  type ReceivedDescription,
  sdpType,
} from './message-body.ts';
import { type OfferEvent, ReceivedOffers } from './received-offers.ts';
import { allowHeader, type HeaderLine, type SessionHost } from './session-host.ts';
import type { TrunkAuthorization } from './trunk-authorization.ts';

type State = 'none' | 'inOrder';
type Input = 'unreliable' | 'next' | 'again' | 'gap';
type Action = 'prack' | 'pass';

/**
 * What the caller does with the provisional responses of one early dialog: RFC 3262 section 4. One that
 * comes again is not acknowledged again (the PRACK repeats itself), nor is one whose predecessor is
 * missing: its sender repeats both.
 */
// biome-ignore format: a table
export const reliableResponsesTable: Table<State, Input, Action> = {
  none: {
    unreliable: ['none', 'pass'],
    next:       ['inOrder', 'prack', 'pass'], // The first RSeq is any.
  },
  inOrder: {
    unreliable: ['inOrder', 'pass'],
    next:       ['inOrder', 'prack', 'pass'],
    again:      ['inOrder'],
    gap:        ['inOrder'],
  },
};

export type EarlyDialogOptions = {
  readonly host: SessionHost;
  /** The next hop of the INVITE. */
  readonly nextHop: Hop;
  readonly contact: string;
  readonly authorization: TrunkAuthorization;
  readonly local: LocalDescription;
  sink(event: OfferEvent): void;
  /** One more transaction is alive, until `finished`. */
  started(): void;
  finished(): void;
};

/** What a provisional response said that was not known before. */
export type Progress = { readonly status: number; readonly answer?: ReceivedDescription };

/** One branch of a possible fork as the caller sees it: an early dialog, by its To tag. */
export class EarlyDialog {
  readonly #options: EarlyDialogOptions;
  readonly #machine: TableMachine<State, Input, Action>;
  readonly offers: ReceivedOffers;
  #status = 0;
  /** What the response being handled came with. */
  #response: SipResponse | undefined;
  #progress: Progress | undefined;
  #sequence = 0;
  #answer: ReceivedDescription | undefined;
  /** A reliable response brought the answer, so the exchange is over: RFC 3262 section 5. */
  #isAnswered = false;
  #dialog: Dialog | undefined;

  constructor(options: EarlyDialogOptions) {
    this.#options = options;
    this.offers = new ReceivedOffers(options.host, '');
    this.#machine = new TableMachine(reliableResponsesTable, 'none', {
      entered: () => {},
      act: (action) => (action === 'prack' ? this.#acknowledge() : this.#pass()),
    });
  }

  /** The peer's description that holds: its answer, or an offer of its own since. */
  get answer(): ReceivedDescription | undefined {
    return this.#answer;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  /** Undefined until a request went through it. */
  get dialog(): Dialog | undefined {
    return this.#dialog;
  }

  /** Takes a 101-199; undefined when it said nothing new. */
  receive(response: SipResponse): Progress | undefined {
    const sequence = reliableSequence(response);
    this.#response = response;
    this.#progress = undefined;
    if (sequence === undefined) this.#machine.input('unreliable');
    else if (this.#machine.state === 'none' || sequence === this.#sequence + 1) {
      this.#sequence = sequence;
      this.#machine.input('next');
    } else this.#machine.input(sequence === this.#sequence ? 'again' : 'gap');
    this.#response = undefined;
    return this.#progress;
  }

  /** UPDATE: RFC 3311 section 5.2. An offer has to wait until ours has its answer for good. */
  receiveUpdate(request: SipRequest, source: Hop): void {
    const server = this.#options.host.transactions.acceptRequest(request, source);
    const refuse = (status: number, ...headers: readonly HeaderLine[]): void => {
      server.respond(createResponse(request, status, { headers }));
    };
    if (this.#dialog?.takesSequence(request) === false) return refuse(500);
    const refusal = this.offers.refusalOf(request, !this.#isAnswered);
    if (refusal !== undefined) return refuse(...refusal);
    const { contact, local, sink } = this.#options;
    const offer = descriptionOf(request) as ReceivedDescription | 'none';
    const headers = [['Contact', contact] as const, allowHeader];
    this.#dialog?.refreshTarget(request);
    if (offer === 'none') return refuse(200, ...headers);
    this.offers.present(server, offer, sink, (answer) => {
      this.#answer = offer;
      const body = encodeDescription(local.next(answer));
      server.respond(createResponse(request, 200, { headers, body, contentType: sdpType }));
    });
  }

  /** The branch is over, or another one won. */
  stop(): void {
    this.offers.refuse(487);
  }

  #pass(): void {
    const response = this.#response!;
    const isReliable = reliableSequence(response) !== undefined;
    const read = this.#isAnswered ? 'none' : descriptionOf(response, this.#answer);
    const answer = typeof read === 'string' ? undefined : read;
    const isNew = answer !== undefined && answer !== this.#answer;
    const { status } = response;
    if (answer !== undefined) {
      this.#answer = answer;
      this.offers.text = answer.text;
      this.#isAnswered = isReliable;
    }
    if (status === this.#status && !isNew) return;
    this.#status = status;
    this.#progress = isNew ? { status, answer } : { status };
  }

  /** Without a description: a second offer of ours is never due here. */
  #acknowledge(): void {
    const { host, nextHop, authorization, started, finished } = this.#options;
    const response = this.#response!;
    this.#dialog ??= Dialog.ofAnswer(response, nextHop);
    const { sequence, method } = response.cseq;
    const acknowledged = `${this.#sequence} ${sequence} ${method}`;
    started();
    sendInDialog({
      host,
      dialog: this.#dialog,
      method: 'PRACK',
      authorization,
      fill: ({ headers }) => headers.add('RAck', acknowledged),
      finished,
    });
  }
}

/** The RSeq of a provisional response that must be acknowledged; undefined: it need not. */
function reliableSequence({ headers }: SipResponse): number | undefined {
  if (!headers.values('Require').some((tag) => tag.toLowerCase() === '100rel')) return undefined;
  const sequence = parseDigits(headers.get('RSeq') ?? '', 2 ** 31 - 1);
  return sequence === 0 ? undefined : sequence;
}
