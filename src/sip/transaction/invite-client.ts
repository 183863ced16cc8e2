import type { Clock } from '../../base/clock.ts';
import type { Sink } from '../../base/sink.ts';
import type { SipTimers } from './sip-timers.ts';
import { transactionLifetime } from './sip-timers.ts';
import { StateTimers } from './state-timers.ts';
import type { Table } from './table-machine.ts';
import { TableMachine } from './table-machine.ts';

type State = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated';
type Input =
  | '1xx'
  | '2xx'
  | '300-699'
  | 'timerA'
  | 'timerB'
  | 'timerD'
  | 'timerM'
  | 'transportError';
type Action = 'pass' | 'ack' | 'retransmit' | 'timedOut' | 'transportFailed' | 'terminated';

/** RFC 3261 section 17.1.1.2, figure 5, with the Accepted state of RFC 6026 section 8.4. */
// biome-ignore format: a table
export const inviteClientTable: Table<State, Input, Action> = {
  calling: {
    '1xx':          ['proceeding', 'pass'],
    '2xx':          ['accepted', 'pass'],
    '300-699':      ['completed', 'ack', 'pass'],
    timerA:         ['calling', 'retransmit'],
    timerB:         ['terminated', 'timedOut', 'terminated'],
    transportError: ['terminated', 'transportFailed', 'terminated'],
  },
  proceeding: {
    '1xx':          ['proceeding', 'pass'],
    '2xx':          ['accepted', 'pass'],
    '300-699':      ['completed', 'ack', 'pass'],
    transportError: ['terminated', 'transportFailed', 'terminated'],
  },
  accepted: {
    '2xx':          ['accepted', 'pass'], // A retransmission, or another branch of a fork.
    timerM:         ['terminated', 'terminated'],
  },
  completed: {
    '300-699':      ['completed', 'ack'],
    timerD:         ['terminated', 'terminated'],
    transportError: ['terminated', 'transportFailed', 'terminated'],
  },
  terminated: {},
};

/** What a client transaction tells its user; `terminated` is the last event, always. */
export type ClientTransactionEvent<Response> =
  | { readonly type: 'response'; readonly response: Response }
  | { readonly type: 'timedOut' }
  | { readonly type: 'transportFailed'; readonly cause: Error }
  | { readonly type: 'terminated' };

export type InviteClientOptions<Response> = {
  readonly clock: Clock;
  readonly timers: SipTimers;
  /** Over a reliable transport nothing is retransmitted. */
  readonly reliable: boolean;
  sendRequest(): void;
  /** The ACK for a 300-699, the same each time (section 17.1.1.3). */
  sendAck(response: Response): void;
  readonly sink: Sink<ClientTransactionEvent<Response>>;
};

/** The client's side of an INVITE up to its final responses: RFC 3261 section 17.1.1, RFC 6026. */
export class InviteClientTransaction<Response extends { readonly status: number }> {
  readonly #options: InviteClientOptions<Response>;
  readonly #machine: TableMachine<State, Input, Action>;
  readonly #timers: StateTimers;
  /** What the input being handled came with. */
  #response: Response | undefined;
  #cause: Error | undefined;

  constructor(options: InviteClientOptions<Response>) {
    this.#options = options;
    this.#timers = new StateTimers(options.clock);
    this.#machine = new TableMachine(inviteClientTable, 'calling', {
      entered: (state) => this.#entered(state),
      act: (action) => this.#act(action),
    });
    this.#entered('calling');
    options.sendRequest();
  }

  get state(): State {
    return this.#machine.state;
  }

  receive(response: Response): void {
    const { status } = response;
    this.#response = response;
    this.#machine.input(status < 200 ? '1xx' : status < 300 ? '2xx' : '300-699');
    this.#response = undefined;
  }

  transportFailed(cause: Error): void {
    this.#cause = cause;
    this.#machine.input('transportError');
  }

  /** Sends the INVITE no more: it is being tried elsewhere. */
  stopRetransmitting(): void {
    this.#timers.stopRepeating();
  }

  /** Drops the transaction without a word: a cancelled INVITE that no answer came to (section 9.1). */
  abandon(): void {
    this.#timers.stop();
  }

  #entered(state: State): void {
    const { reliable, timers } = this.#options;
    this.#timers.stop();
    if (state === 'calling') {
      this.#timers.endAfter(transactionLifetime(timers), () => this.#machine.input('timerB'));
      if (!reliable) {
        this.#timers.repeat(timers.t1, Infinity, () => this.#machine.input('timerA'));
      }
    } else if (state === 'accepted') {
      this.#timers.endAfter(transactionLifetime(timers), () => this.#machine.input('timerM'));
    } else if (state === 'completed') {
      const timerD = reliable ? 0 : Math.max(32_000, transactionLifetime(timers));
      this.#timers.endAfter(timerD, () => this.#machine.input('timerD'));
    }
  }

  #act(action: Action): void {
    const { sendRequest, sendAck, sink } = this.#options;
    switch (action) {
      case 'pass':
        return sink({ type: 'response', response: this.#response! });
      case 'ack':
        return sendAck(this.#response!);
      case 'retransmit':
        return sendRequest();
      case 'transportFailed':
        return sink({ type: 'transportFailed', cause: this.#cause! });
      case 'timedOut':
      case 'terminated':
        return sink({ type: action });
    }
  }
}
