import type { Timer } from '../../base/clock.ts';
import type { ClientTransactionEvent, InviteClientOptions } from './invite-client.ts';
import { transactionLifetime } from './sip-timers.ts';
import { StateTimers } from './state-timers.ts';
import type { Table } from './table-machine.ts';
import { TableMachine } from './table-machine.ts';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';
type Input = '1xx' | '200-699' | 'timerE' | 'timerF' | 'timerK' | 'transportError';
type Action = 'pass' | 'retransmit' | 'timedOut' | 'transportFailed' | 'terminated';

/** RFC 3261 section 17.1.2.2, figure 6. */
// biome-ignore format: a table
export const nonInviteClientTable: Table<State, Input, Action> = {
  trying: {
    '1xx':          ['proceeding', 'pass'],
    '200-699':      ['completed', 'pass'],
    timerE:         ['trying', 'retransmit'],
    timerF:         ['terminated', 'timedOut', 'terminated'],
    transportError: ['terminated', 'transportFailed', 'terminated'],
  },
  proceeding: {
    '1xx':          ['proceeding', 'pass'],
    '200-699':      ['completed', 'pass'],
    timerE:         ['proceeding', 'retransmit'],
    timerF:         ['terminated', 'timedOut', 'terminated'],
    transportError: ['terminated', 'transportFailed', 'terminated'],
  },
  completed: {
    timerK:         ['terminated', 'terminated'],
  },
  terminated: {},
};

/** The client's side of BYE, CANCEL, UPDATE, OPTIONS and the like: RFC 3261 section 17.1.2. */
export class NonInviteClientTransaction<Response extends { readonly status: number }> {
  readonly #options: Omit<InviteClientOptions<Response>, 'sendAck'>;
  readonly #machine: TableMachine<State, Input, Action>;
  #timerE: Timer | undefined;
  /** Timer F from beginning to final response, then timer K. */
  readonly #end: StateTimers;
  #response: Response | undefined;
  #cause: Error | undefined;

  constructor(options: Omit<InviteClientOptions<Response>, 'sendAck'>) {
    const { clock, timers, reliable } = options;
    this.#options = options;
    this.#end = new StateTimers(clock);
    this.#machine = new TableMachine(nonInviteClientTable, 'trying', {
      entered: (state) => this.#entered(state),
      act: (action) => this.#act(action),
    });
    this.#end.endAfter(transactionLifetime(timers), () => this.#machine.input('timerF'));
    if (!reliable) this.#retransmitAfter(timers.t1);
    options.sendRequest();
  }

  get state(): State {
    return this.#machine.state;
  }

  receive(response: Response): void {
    this.#response = response;
    this.#machine.input(response.status < 200 ? '1xx' : '200-699');
    this.#response = undefined;
  }

  transportFailed(cause: Error): void {
    this.#cause = cause;
    this.#machine.input('transportError');
  }

  /** Sends the request no more: it is being tried elsewhere. */
  stopRetransmitting(): void {
    this.#timerE?.cancel();
  }

  /** Drops the transaction without a word: the whole stack is being closed. */
  abandon(): void {
    this.#timerE?.cancel();
    this.#end.stop();
  }

  #entered(state: State): void {
    const { reliable, timers } = this.#options;
    if (state === 'proceeding') return; // Timer E runs on; its next interval is T2.
    this.#timerE?.cancel();
    this.#end.stop();
    if (state === 'completed') {
      this.#end.endAfter(reliable ? 0 : timers.t4, () => this.#machine.input('timerK'));
    }
  }

  /** Section 17.1.2.2: T1, doubled each time up to T2; at T2 from the first interval in Proceeding. */
  #retransmitAfter(delayMs: number): void {
    const { clock, timers } = this.#options;
    this.#timerE = clock.setTimer(delayMs, () => {
      this.#machine.input('timerE');
      const { state } = this.#machine;
      if (state === 'trying') this.#retransmitAfter(Math.min(2 * delayMs, timers.t2));
      if (state === 'proceeding') this.#retransmitAfter(timers.t2);
    });
  }

  #act(action: Action): void {
    const { sendRequest, sink } = this.#options;
    switch (action) {
      case 'pass':
        return sink({ type: 'response', response: this.#response! });
      case 'retransmit':
        return sendRequest();
      case 'transportFailed':
        return sink({ type: 'transportFailed', cause: this.#cause! });
      case 'timedOut':
      case 'terminated':
        return sink({ type: action } satisfies ClientTransactionEvent<Response>);
    }
  }
}
