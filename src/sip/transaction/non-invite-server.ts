import type { InviteServerOptions } from './invite-server.ts';
import { transactionLifetime } from './sip-timers.ts';
import { StateTimers } from './state-timers.ts';
import type { Table } from './table-machine.ts';
import { TableMachine } from './table-machine.ts';

type State = 'trying' | 'proceeding' | 'completed' | 'terminated';
type Input = 'request' | '1xx' | '200-699' | 'timerJ' | 'transportError';
type Action = 'send' | 'repeat' | 'transportFailed' | 'terminated';

/** RFC 3261 section 17.2.2, figure 8. */
// biome-ignore format: a table
export const nonInviteServerTable: Table<State, Input, Action> = {
  trying: {
    request:        ['trying'],
    '1xx':          ['proceeding', 'send'],
    '200-699':      ['completed', 'send'],
  },
  proceeding: {
    request:        ['proceeding', 'repeat'],
    '1xx':          ['proceeding', 'send'],
    '200-699':      ['completed', 'send'],
    transportError: ['terminated', 'transportFailed', 'terminated'],
  },
  completed: {
    request:        ['completed', 'repeat'],
    timerJ:         ['terminated', 'terminated'],
    transportError: ['terminated', 'transportFailed', 'terminated'],
  },
  terminated: {},
};

/** The server's side of BYE, UPDATE, INFO and the like inside a dialog. */
export class NonInviteServerTransaction {
  readonly #options: InviteServerOptions<never>;
  readonly #machine: TableMachine<State, Input, Action>;
  readonly #timers: StateTimers;
  #lastResponse: Uint8Array | undefined;
  #cause: Error | undefined;

  constructor(options: InviteServerOptions<never>) {
    this.#options = options;
    this.#timers = new StateTimers(options.clock);
    this.#machine = new TableMachine(nonInviteServerTable, 'trying', {
      entered: (state) => this.#entered(state),
      act: (action) => this.#act(action),
    });
  }

  get state(): State {
    return this.#machine.state;
  }

  /** The request came again. */
  receiveRequest(): void {
    this.#machine.input('request');
  }

  /** False when a final response has been sent already. */
  respond(status: number, response: Uint8Array): boolean {
    const previous = this.#lastResponse;
    this.#lastResponse = response;
    const sent = this.#machine.input(status < 200 ? '1xx' : '200-699');
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
      const timerJ = reliable ? 0 : transactionLifetime(timers);
      this.#timers.endAfter(timerJ, () => this.#machine.input('timerJ'));
    }
  }

  #act(action: Action): void {
    const { send, sink } = this.#options;
    switch (action) {
      case 'send':
      case 'repeat':
        return send(this.#lastResponse!);
      case 'transportFailed':
        return sink({ type: 'transportFailed', cause: this.#cause! });
      case 'terminated':
        this.#lastResponse = undefined;
        return sink({ type: 'terminated' });
    }
  }
}
