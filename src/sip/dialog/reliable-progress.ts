import { type Random, randomInt } from '../../base/random.ts';
import type { SipRequest } from '../message/sip-message.ts';
import { transactionLifetime } from '../transaction/sip-timers.ts';
import { StateTimers } from '../transaction/state-timers.ts';
import { type Table, TableMachine } from '../transaction/table-machine.ts';
import type { SessionHost } from './session-host.ts';

type State = 'idle' | 'ringing' | 'describing' | 'held' | 'over';
type Input = 'plain' | 'described' | 'prack' | 'repeat' | 'giveUp' | 'accept' | 'final';
type Action = 'send' | 'queue' | 'transmit' | 'acknowledge' | 'sendNext' | 'accept' | 'unanswered';

/**
 * The called party's reliable provisional responses: RFC 3262 section 3, one at a time. A 2xx waits while
 * a description is not acknowledged; any other final response, and a 2xx after mere ringing, does not.
 */
// biome-ignore format: a table
export const reliableProgressTable: Table<State, Input, Action> = {
  idle: {
    plain:     ['ringing', 'send'],
    described: ['describing', 'send'],
    accept:    ['over', 'accept'],
    final:     ['over'],
  },
  ringing: {
    plain:     ['ringing', 'queue'],
    described: ['ringing', 'queue'],
    prack:     ['idle', 'acknowledge', 'sendNext'],
    repeat:    ['ringing', 'transmit'],
    giveUp:    ['over', 'unanswered'],
    accept:    ['over', 'accept'],
    final:     ['over'],
  },
  describing: { // Nothing else is described: one description is enough.
    plain:     ['describing', 'queue'],
    prack:     ['idle', 'acknowledge', 'sendNext'],
    repeat:    ['describing', 'transmit'],
    giveUp:    ['over', 'unanswered'],
    accept:    ['held'],
    final:     ['over'],
  },
  held: {
    prack:     ['over', 'acknowledge', 'accept'],
    repeat:    ['held', 'transmit'],
    giveUp:    ['over', 'unanswered'],
    final:     ['over'],
  },
  over: {
    prack:     ['over', 'acknowledge'], // It was on its way when the final response was sent.
  },
};

/** A provisional response to be sent: `send` puts it on the wire with this RSeq, each time the same. */
export type Provisional = { readonly isDescribed: boolean; send(sequence: number): void };

export type ReliableProgressOptions = {
  readonly host: SessionHost;
  /** Of the INVITE, which RAck names. */
  readonly inviteSequence: number;
  /** The 2xx may go out. */
  accepted(): void;
  /** A provisional response was acknowledged. */
  acknowledged(response: Provisional): void;
  /** No PRACK in 64*T1: the INVITE is to be refused with 5xx. */
  unanswered(): void;
};

/** Sends provisional responses until they are acknowledged by PRACK, in order. */
export class ReliableProgress {
  readonly #options: ReliableProgressOptions;
  readonly #machine: TableMachine<State, Input, Action>;
  readonly #timers: StateTimers;
  readonly #queue: Provisional[] = [];
  #sequence: number;
  /** The one that waits for its PRACK. */
  #current: Provisional | undefined;

  constructor(options: ReliableProgressOptions) {
    this.#options = options;
    this.#timers = new StateTimers(options.host.clock);
    this.#sequence = firstSequence(options.host.random);
    this.#machine = new TableMachine(reliableProgressTable, 'idle', {
      entered: (state) => {
        if (state === 'idle' || state === 'over') this.#timers.stop();
      },
      act: (action) => this.#act(action),
    });
  }

  /** True while the 2xx waits for a PRACK. */
  get holdsAnswer(): boolean {
    return this.#machine.state === 'held';
  }

  send(response: Provisional): void {
    this.#queue.push(response);
    this.#machine.input(response.isDescribed ? 'described' : 'plain');
  }

  /** The user accepted: `accepted` is called now, or when the PRACK has come. */
  accept(): void {
    this.#machine.input('accept');
  }

  /** The INVITE got or gets another final response. */
  stop(): void {
    this.#machine.input('final');
    this.#timers.stop();
  }

  /** True when the PRACK acknowledges what waits for it; a stranger is to be answered 481. */
  receivePrack(request: SipRequest): boolean {
    const waiting = `${this.#sequence} ${this.#options.inviteSequence} INVITE`;
    const rack = request.headers.get('RAck')?.trim().replace(/\s+/g, ' ');
    return this.#current !== undefined && rack === waiting && this.#machine.input('prack');
  }

  #act(action: Action): void {
    const { accepted, acknowledged, unanswered } = this.#options;
    switch (action) {
      case 'send':
        return this.#send();
      case 'queue':
        return; // It is in the queue; the PRACK lets it out.
      case 'transmit':
        return this.#current!.send(this.#sequence);
      case 'acknowledge': {
        const response = this.#current!;
        this.#current = undefined;
        return acknowledged(response);
      }
      case 'sendNext': {
        const next = this.#queue[0];
        if (next !== undefined) this.#machine.input(next.isDescribed ? 'described' : 'plain');
        return;
      }
      case 'accept':
        return accepted();
      case 'unanswered':
        return unanswered();
    }
  }

  /** At T1, doubled each time without a bound, up to 64*T1. */
  #send(): void {
    const { timers } = this.#options.host;
    this.#current = this.#queue.shift()!;
    this.#sequence++;
    this.#timers.endAfter(transactionLifetime(timers), () => {
      this.#timers.stop();
      this.#machine.input('giveUp');
    });
    this.#timers.repeat(timers.t1, Infinity, () => this.#machine.input('repeat'));
    this.#current.send(this.#sequence);
  }
}

/** The RSeq before the first: RFC 3262 section 3 has it drawn, so that old PRACKs match nothing. */
function firstSequence(random: Random): number {
  return randomInt(random, 0, 2 ** 30);
}
