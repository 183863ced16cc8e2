/** For each state, what each input leads to: the next state, then what is done on the way. */
export type Table<State extends string, Input extends string, Action extends string> = Readonly<
  Record<State, Readonly<Partial<Record<Input, readonly [to: State, ...actions: Action[]]>>>>
>;

export type TableHooks<State, Action> = {
  /** Before the actions, when the state changed: stops the old state's timers, starts the new one's. */
  entered(state: State): void;
  act(action: Action): void;
};

/**
 * Runs a transition table. What matches no row is dropped (RFC 6026 section 7.2). An action may feed
 * an input back in: the state has already changed by then, so the table holds for it too.
 */
export class TableMachine<State extends string, Input extends string, Action extends string> {
  #state: State;
  readonly #table: Table<State, Input, Action>;
  readonly #hooks: TableHooks<State, Action>;

  constructor(table: Table<State, Input, Action>, start: State, hooks: TableHooks<State, Action>) {
    this.#table = table;
    this.#state = start;
    this.#hooks = hooks;
  }

  get state(): State {
    return this.#state;
  }

  /** True when the table has a row for it. */
  input(input: Input): boolean {
    const row = this.#table[this.#state][input];
    if (row === undefined) return false;
    const to = row[0];
    if (to !== this.#state) {
      this.#state = to;
      this.#hooks.entered(to);
    }
    for (let index = 1; index < row.length; index++) this.#hooks.act(row[index] as Action);
    return true;
  }
}
