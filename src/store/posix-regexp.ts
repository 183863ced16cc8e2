/**
 * Extended regular expressions (IEEE 1003.1 section 9.4, with the escapes `\d`, `\w`, `\s`), matched in
 * time proportional to text and pattern by Thompson's construction. A backtracking engine would let one
 * filter of a client hold the event loop, and with it every call, for as long as it likes.
 */
export type PosixRegexp = {
  /** Whether the expression is found anywhere in the text. */
  test(text: string): boolean;
};

type Test = (symbol: string) => boolean;

type Instruction =
  | { readonly do: 'symbol'; readonly test: Test }
  | { readonly do: 'split'; readonly to: readonly number[] }
  | { readonly do: 'start' | 'end' | 'match' };

/** What a part of the pattern is, before it becomes instructions. */
type Node =
  | { readonly type: 'symbol'; readonly test: Test }
  | { readonly type: 'start' | 'end' }
  | { readonly type: 'sequence' | 'choice'; readonly of: readonly Node[] }
  | { readonly type: 'repeat'; readonly node: Node; readonly least: number; readonly most: number };

const longestPattern = 500;
const longestProgram = 5_000;
const mostRepeats = 255; // RE_DUP_MAX of IEEE 1003.1.

const escapes: Record<string, Test> = {
  d: (symbol) => /[0-9]/.test(symbol),
  D: (symbol) => !/[0-9]/.test(symbol),
  w: (symbol) => /[\p{L}\p{N}_]/u.test(symbol),
  W: (symbol) => !/[\p{L}\p{N}_]/u.test(symbol),
  s: (symbol) => /\s/.test(symbol),
  S: (symbol) => !/\s/.test(symbol),
};

/** The character classes of IEEE 1003.1 section 9.3.5, in the classes of Unicode. */
const classes: Record<string, RegExp> = {
  alpha: /\p{L}/u,
  digit: /[0-9]/,
  alnum: /[\p{L}\p{N}]/u,
  upper: /\p{Lu}/u,
  lower: /\p{Ll}/u,
  space: /\s/,
  punct: /[\p{P}\p{S}]/u,
  xdigit: /[0-9A-Fa-f]/,
};

/** Throws SyntaxError. */
export function compilePosixRegexp(pattern: string): PosixRegexp {
  if (pattern.length > longestPattern) throw new SyntaxError('the expression is too long');
  const program: Instruction[] = [];
  emit(new Parser(pattern).parse(), program);
  push(program, { do: 'match' });
  return new Matcher(program);
}

/** Reads a pattern by recursive descent: choice, sequence, repeated atom. */
class Parser {
  readonly #symbols: readonly string[];
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#symbols = [...pattern];
  }

  parse(): Node {
    const node = this.#choice();
    if (this.#at < this.#symbols.length) throw new SyntaxError('a bracket is closed unopened');
    return node;
  }

  #choice(): Node {
    if (++this.#depth > 50) throw new SyntaxError('too many brackets');
    const of = [this.#sequence()];
    while (this.#take('|')) of.push(this.#sequence());
    this.#depth--;
    return { type: 'choice', of };
  }

  #sequence(): Node {
    const of: Node[] = [];
    while (this.#at < this.#symbols.length && this.#next !== '|' && this.#next !== ')')
      of.push(this.#repeated());
    return { type: 'sequence', of };
  }

  #repeated(): Node {
    let node = this.#atom();
    for (;;) {
      if (this.#take('*')) node = { type: 'repeat', node, least: 0, most: Infinity };
      else if (this.#take('+')) node = { type: 'repeat', node, least: 1, most: Infinity };
      else if (this.#take('?')) node = { type: 'repeat', node, least: 0, most: 1 };
      else if (this.#take('{')) node = { type: 'repeat', node, ...this.#counts() };
      else return node;
    }
  }

  #counts(): { least: number; most: number } {
    let text = '';
    while (this.#at < this.#symbols.length && this.#next !== '}') text += this.#shift();
    const [, low, comma, high] = /^(\d{1,3})(,)?(\d{1,3})?$/.exec(text) ?? [];
    if (!this.#take('}') || low === undefined) throw new SyntaxError('bad counts in braces');
    const least = Number(low);
    const most = comma === undefined ? least : high === undefined ? Infinity : Number(high);
    const within = least <= most && least <= mostRepeats;
    if (!within || (most !== Infinity && most > mostRepeats)) throw new SyntaxError('bad counts');
    return { least, most };
  }

  #atom(): Node {
    const symbol = this.#shift();
    switch (symbol) {
      case '(': {
        if (this.#take('?')) this.#expect(':'); // No look-around: there is no linear way.
        const node = this.#choice();
        this.#expect(')');
        return node;
      }
      case '[':
        return { type: 'symbol', test: this.#set() };
      case '.':
        return { type: 'symbol', test: () => true };
      case '^':
        return { type: 'start' };
      case '$':
        return { type: 'end' };
      case '\\':
        return { type: 'symbol', test: this.#escape() };
      case '*':
      case '+':
      case '?':
      case '{':
        throw new SyntaxError(`nothing to repeat before ${symbol}`);
      default:
        return { type: 'symbol', test: (other) => other === symbol };
    }
  }

  #escape(): Test {
    const symbol = this.#shift();
    const known = escapes[symbol];
    if (known !== undefined) return known;
    if (/[A-Za-z0-9]/.test(symbol)) throw new SyntaxError(`unknown escape \\${symbol}`);
    return (other) => other === symbol;
  }

  /** A bracket expression: IEEE 1003.1 section 9.3.5. */
  #set(): Test {
    const negated = this.#take('^');
    const tests: Test[] = [];
    do {
      const from = this.#shift();
      if (from === '[' && this.#take(':')) tests.push(this.#class());
      else if (from === '\\') tests.push(this.#escape());
      else if (this.#next === '-' && this.#symbols[this.#at + 1] !== ']') {
        this.#shift();
        const [low, high] = [from.codePointAt(0)!, this.#shift().codePointAt(0)!];
        if (low > high) throw new SyntaxError('a range is the wrong way round');
        tests.push((symbol) => symbol.codePointAt(0)! >= low && symbol.codePointAt(0)! <= high);
      } else tests.push((symbol) => symbol === from);
    } while (this.#next !== ']');
    this.#expect(']');
    return (symbol) => tests.some((test) => test(symbol)) !== negated;
  }

  #class(): Test {
    let name = '';
    while (this.#next !== ':') name += this.#shift();
    this.#expect(':');
    this.#expect(']');
    const known = classes[name];
    if (known === undefined) throw new SyntaxError(`unknown class ${name}`);
    return (symbol) => known.test(symbol);
  }

  get #next(): string | undefined {
    return this.#symbols[this.#at];
  }

  #shift(): string {
    const symbol = this.#symbols[this.#at++];
    if (symbol === undefined) throw new SyntaxError('the expression ends too early');
    return symbol;
  }

  #take(symbol: string): boolean {
    if (this.#next !== symbol) return false;
    this.#at++;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw new SyntaxError(`${symbol} is missing`);
  }
}

function emit(node: Node, program: Instruction[]): void {
  switch (node.type) {
    case 'symbol':
      push(program, { do: 'symbol', test: node.test });
      break;
    case 'start':
    case 'end':
      push(program, { do: node.type });
      break;
    case 'sequence':
      for (const one of node.of) emit(one, program);
      break;
    case 'choice':
      emitChoice(node.of, program);
      break;
    case 'repeat':
      emitRepeat(node, program);
  }
}

function emitChoice(of: readonly Node[], program: Instruction[]): void {
  const exits: number[] = [];
  for (const [index, one] of of.entries()) {
    if (index === of.length - 1) {
      emit(one, program);
      break;
    }
    const fork = push(program, { do: 'split', to: [] });
    emit(one, program);
    exits.push(push(program, { do: 'split', to: [] }));
    program[fork] = { do: 'split', to: [fork + 1, program.length] };
  }
  for (const exit of exits) program[exit] = { do: 'split', to: [program.length] };
}

function emitRepeat(
  { node, least, most }: Extract<Node, { type: 'repeat' }>,
  program: Instruction[],
): void {
  for (let count = 0; count < least; count++) emit(node, program);
  if (most === Infinity) {
    const fork = push(program, { do: 'split', to: [] });
    emit(node, program);
    push(program, { do: 'split', to: [fork] });
    program[fork] = { do: 'split', to: [fork + 1, program.length] };
    return;
  }
  const forks: number[] = [];
  for (let count = least; count < most; count++) {
    forks.push(push(program, { do: 'split', to: [] }));
    emit(node, program);
  }
  for (const fork of forks) program[fork] = { do: 'split', to: [fork + 1, program.length] };
}

function push(program: Instruction[], instruction: Instruction): number {
  if (program.length >= longestProgram) throw new SyntaxError('the expression repeats too much');
  return program.push(instruction) - 1;
}

/** Where every way through the program stands after some text: the states of McNaughton and Yamada's automaton. */
type State = {
  readonly reached: readonly number[];
  /** The expression was found. */
  readonly accepts: boolean;
  /** It is, if the text ends here. */
  readonly acceptsAtEnd: boolean;
  readonly next: Map<string, State>;
};

/** Steps are remembered, for a filter tests many rows of much the same form; so many, then they are forgotten. */
const mostSteps = 20_000;

/** Follows every way through the program at once, one symbol of the text after the other. */
class Matcher implements PosixRegexp {
  readonly #program: readonly Instruction[];
  readonly #states = new Map<string, State>();
  #steps = 0;
  readonly #start: State;

  constructor(program: readonly Instruction[]) {
    this.#program = program;
    this.#start = this.#state([0], true);
  }

  test(text: string): boolean {
    let state = this.#start;
    for (const symbol of text) {
      if (state.accepts) return true;
      state = state.next.get(symbol) ?? this.#step(state, symbol);
    }
    return state.accepts || state.acceptsAtEnd;
  }

  #step(state: State, symbol: string): State {
    const from = [0]; // A match may begin at every symbol.
    for (const index of state.reached) {
      const instruction = this.#program[index]!;
      if (instruction.do === 'symbol' && instruction.test(symbol)) from.push(index + 1);
    }
    if (++this.#steps > mostSteps) {
      this.#steps = 0;
      this.#states.clear();
      this.#start.next.clear();
    }
    const key = from.join();
    const next = this.#states.get(key) ?? this.#state(from, false);
    this.#states.set(key, next);
    state.next.set(symbol, next);
    return next;
  }

  #state(from: readonly number[], isStart: boolean): State {
    const reached = new Set<number>();
    const follows = (isEnd: boolean, into: Set<number>): boolean =>
      from.some((index) => follow(this.#program, index, into, { isStart, isEnd }));
    const accepts = follows(false, reached);
    const acceptsAtEnd = accepts || follows(true, new Set());
    return { reached: [...reached], accepts, acceptsAtEnd, next: new Map() };
  }
}

/** Adds every instruction reached without a symbol; true: the end of the expression is among them. */
function follow(
  program: readonly Instruction[],
  from: number,
  reached: Set<number>,
  { isStart, isEnd }: { isStart: boolean; isEnd: boolean },
): boolean {
  const waiting = [from];
  for (let index = waiting.pop(); index !== undefined; index = waiting.pop()) {
    if (reached.has(index)) continue;
    reached.add(index);
    const instruction = program[index]!;
    if (instruction.do === 'match') return true;
    if (instruction.do === 'split') waiting.push(...instruction.to);
    if (instruction.do === 'start' && isStart) waiting.push(index + 1);
    if (instruction.do === 'end' && isEnd) waiting.push(index + 1);
  }
  return false;
}
