import type { Clock } from '../../base/clock.ts';
import type { Sink } from '../../base/sink.ts';
import type { SipTimers } from './sip-timers.ts';
import { transactionLifetime } from './sip-timers.ts';
import { StateTimers } from './state-timers.ts';
import type { Table } from './table-machine.ts';
import { TableMachine } from './table-machine.ts';

type State = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';
type Input =
  | 'request'
  | 'ack'
  | '1xx'
  | '2xx'
  | '300-699'
  | 'timerG'
  | 'timerH'
  | 'timerI'
  | 'timerL'
  | 'transportError';
type Action = 'send' | 'repeat' | 'passAck' | 'transportFailed' | 'terminated';

/**
 * RFC 3261 section 17.2.1, figure 7, as RFC 6026 section 8.5 corrects it: a 2xx leads to Accepted,
 * where repeated INVITEs are absorbed and its own retransmissions are the user's.
 */
// biome-ignore format: a table
export const inviteServerTable: Table<State, Input, Action> = {
  proceeding: {
    request:        ['proceeding', 'repeat'],
    '1xx':          ['proceeding', 'send'],
    '2xx':          ['accepted', 'send'],
    '300-699':      ['completed', 'send'],
    transportError: ['proceeding', 'transportFailed'],
  },
  accepted: {
    request:        ['accepted'],
    ack:            ['accepted', 'passAck'], // One that reuses the INVITE's branch, against section 17.1.1.3.
    '2xx':          ['accepted', 'send'],
    timerL:         ['terminated', 'terminated'],
    transportError: ['accepted', 'transportFailed'],
  },
  completed: {
    request:        ['completed', 'repeat'],
    timerG:         ['completed', 'repeat'],
    ack:            ['confirmed'],
    timerH:         ['terminated', 'terminated'],
    transportError: ['completed', 'transportFailed'],
  },
  confirmed: {
    request:        ['confirmed'],
    ack:            ['confirmed'],
    timerI:         ['terminated', 'terminated'],
  },
  terminated: {},
};

export type InviteServerEvent<Request> =
  | { readonly type: 'ack'; readonly request: Request }
  | { readonly type: 'transportFailed'; readonly cause: Error }
  | { readonly type: 'terminated' };

export type InviteServerOptions<Request> = {
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly reliable: boolean;
  send(response: Uint8Array): void;
  readonly sink: Sink<InviteServerEvent<Request>>;
};

/** The server's side of an INVITE; responses come ready for the wire and are repeated as they are. */
export class InviteServerTransaction<Request> {
  readonly #options: InviteServerOptions<Request>;
  readonly #machine: TableMachine<State, Input, Action>;
  readonly #timers: StateTimers;
  #lastResponse: Uint8Array | undefined;
  #ack: Request | undefined;
  #cause: Error | undefined;

  constructor(options: InviteServerOptions<Request>) {
    this.#options = options;
    this.#timers = new StateTimers(options.clock);
    this.#machine = new TableMachine(inviteServerTable, 'proceeding', {
      entered: (state) => this.#entered(state),
      act: (action) => this.#act(action),
    });
  }

  get state(): State {
    return this.#machine.state;
  }

  /** The INVITE came again. */
  receiveRequest(): void {
    this.#machine.input('request');
  }

  receiveAck(request: Request): void {
    this.#ack = request;
    this.#machine.input('ack');
    this.#ack = undefined;
  }

  /** False when the state no longer allows this response: a final one has been sent. */
  respond(status: number, response: Uint8Array): boolean {
    const previous = this.#lastResponse;
    this.#lastResponse = response;
    const sent = this.#machine.input(status < 200 ? '1xx' : status < 300 ? '2xx' : '300-699');
    if (!sent) this.#lastResponse = previous;
    return sent;
  }

  transportFailed(cause: Error): void {
    this.#cause = cause;
    this.#machine.input('transportError');
  }

  /** Drops the transaction without a word: the whole stack is being closed. */
  abandon(): void {
    this.#timers.stop();
  }

  #entered(state: State): void {
    const { reliable, timers } = this.#options;
    this.#timers.stop();
    if (state === 'completed') {
      this.#timers.endAfter(transactionLifetime(timers), () => this.#machine.input('timerH'));
      if (!reliable) {
        this.#timers.repeat(timers.t1, timers.t2, () => this.#machine.input('timerG'));
      }
    } else if (state === 'accepted') {
      this.#timers.endAfter(transactionLifetime(timers), () => this.#machine.input('timerL'));
    } else if (state === 'confirmed') {
      this.#timers.endAfter(reliable ? 0 : timers.t4, () => this.#machine.input('timerI'));
    }
  }

  #act(action: Action): void {
    const { send, sink } = this.#options;
    switch (action) {
      case 'send':
        return send(this.#lastResponse!);
      case 'repeat':
        if (this.#lastResponse !== undefined) send(this.#lastResponse);
        return;
      case 'passAck':
        return sink({ type: 'ack', request: this.#ack! });
      case 'transportFailed':
        return sink({ type: 'transportFailed', cause: this.#cause! });
      case 'terminated':
        this.#lastResponse = undefined;
        return sink({ type: 'terminated' });
    }
  }
}
