import { isToken, splitAtCommas } from './grammar.ts';

/** Compact forms: RFC 3261 section 20, RFC 3265, 3515, 3841, 3891, 3892, 4028, 4474, 6665. */
const compactForms: Record<string, string> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
};

const usualNames = `
  Accept Alert-Info Allow Allow-Events Authorization CSeq Call-ID Contact Content-Disposition
  Content-Length Content-Type Date Event Expires From Max-Forwards Min-Expires Min-SE
  P-Asserted-Identity P-Preferred-Identity Privacy Proxy-Authenticate Proxy-Authorization RAck
  RSeq Reason Record-Route Refer-To Referred-By Remote-Party-ID Replaces Require Retry-After
  Route Server Session-Expires Subject Supported Timestamp To Unsupported User-Agent Via
  WWW-Authenticate Warning
`;

/** The usual spellings, so that the common case needs one look-up and no new string. */
const knownKeys = new Map<string, string>();
for (const name of usualNames.trim().split(/\s+/)) {
  const key = name.toLowerCase();
  knownKeys.set(name, key).set(key, key);
}
for (const [short, key] of Object.entries(compactForms)) {
  knownKeys.set(short, key).set(short.toUpperCase(), key);
}

/** What header names are compared by: lower case, compact forms written out. */
function keyOf(name: string): string {
  const known = knownKeys.get(name);
  if (known !== undefined) return known;
  const lower = name.toLowerCase();
  return knownKeys.get(lower) ?? lower;
}

/** A name this list knows by heart, hence a token. */
export function isUsualName(name: string): boolean {
  return knownKeys.has(name);
}

/**
 * The header lines of a message in their order (RFC 3261 section 7.3.1). Names are compared without regard
 * to case and to compact form, and written as they were given.
 */
export class HeaderList {
  readonly #names: string[] = [];
  readonly #keys: string[] = [];
  readonly #values: string[] = [];
  #version = 0;

  constructor(lines: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of lines) this.add(name, value);
  }

  /** Counts changes: what was derived from the headers is valid while it stays the same. */
  get version(): number {
    return this.#version;
  }

  get length(): number {
    return this.#names.length;
  }

  /** The value of the first such line. */
  get(name: string): string | undefined {
    const index = this.#keys.indexOf(keyOf(name));
    return index < 0 ? undefined : this.#values[index];
  }

  has(name: string): boolean {
    return this.#keys.includes(keyOf(name));
  }

  /** The first of these names that more than one line has. */
  firstRepeated(names: readonly string[]): string | undefined {
    return names.find((name) => {
      const key = keyOf(name);
      const first = this.#keys.indexOf(key);
      return first >= 0 && this.#keys.indexOf(key, first + 1) >= 0;
    });
  }

  /** The value of each such line, as it stands. */
  all(name: string): string[] {
    const key = keyOf(name);
    return this.#values.filter((_, index) => this.#keys[index] === key);
  }

  /** The values of all such lines, cut at commas that stand neither in quotes nor in `<>`. */
  values(name: string): string[] {
    const lines = this.all(name);
    return lines.length === 1 ? splitAtCommas(lines[0]!) : lines.flatMap(splitAtCommas);
  }

  /** Replaces all such lines by one, at the place of the first; appends it when there is none. */
  set(name: string, value: string): void {
    const index = this.#keys.indexOf(keyOf(name));
    if (index < 0) {
      this.add(name, value);
      return;
    }
    this.#names[index] = name;
    this.#values[index] = value;
    this.#removeFrom(index + 1, keyOf(name));
    this.#version++;
  }

  /** Appends a line after all others. */
  add(name: string, value: string): void {
    this.#names.push(name);
    this.#keys.push(keyOf(name));
    this.#values.push(value);
    this.#version++;
  }

  /** As `add`, of a name read off the wire; false, and nothing added, when it is not a token. */
  addRead(name: string, value: string): boolean {
    const known = knownKeys.get(name);
    if (known === undefined && !isToken(name)) return false;
    this.#names.push(name);
    this.#keys.push(known ?? keyOf(name));
    this.#values.push(value);
    this.#version++;
    return true;
  }

  /** Puts a line before all others: where a Via or a Record-Route goes. */
  prepend(name: string, value: string): void {
    this.#names.unshift(name);
    this.#keys.unshift(keyOf(name));
    this.#values.unshift(value);
    this.#version++;
  }

  /** Replaces the value of the first such line and leaves the others. */
  replaceFirst(name: string, value: string): void {
    const index = this.#keys.indexOf(keyOf(name));
    if (index < 0) return this.add(name, value);
    this.#values[index] = value;
    this.#version++;
  }

  delete(name: string): void {
    this.#removeFrom(0, keyOf(name));
    this.#version++;
  }

  *entries(): Generator<[name: string, value: string]> {
    for (let index = 0; index < this.#names.length; index++) {
      yield [this.#names[index]!, this.#values[index]!];
    }
  }

  [Symbol.iterator](): Generator<[name: string, value: string]> {
    return this.entries();
  }

  clone(): HeaderList {
    return new HeaderList(this);
  }

  #removeFrom(start: number, key: string): void {
    for (let index = this.#keys.length - 1; index >= start; index--) {
      if (this.#keys[index] !== key) continue;
      this.#names.splice(index, 1);
      this.#keys.splice(index, 1);
      this.#values.splice(index, 1);
    }
  }
}
