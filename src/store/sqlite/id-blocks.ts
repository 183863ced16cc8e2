import type { Logger } from '../../base/logger.ts';
import type { SqliteConnection } from './connection.ts';

const blockLength = 200;

type Block = { next: number; end: number };
type Kind = 'call' | 'leg';

/**
 * Numbers that are never given twice: reserved in the database block by block, given out of memory.
 * A killed process loses the rest of its blocks; a clean close gives it back.
 */
export class IdBlocks {
  readonly #connection: SqliteConnection;
  readonly #log: Logger;
  readonly #blocks: Record<Kind, Block>;

  /** Reserves the first blocks; throws when the database cannot. */
  constructor(connection: SqliteConnection, log: Logger) {
    this.#connection = connection;
    this.#log = log;
    this.#blocks = { call: this.#reserve('call'), leg: this.#reserve('leg') };
  }

  /** The next free number, and whether `refill` is wanted. */
  next(kind: Kind): { id: number; low: boolean } {
    const block = this.#blocks[kind];
    if (block.next >= block.end) this.#refillNow(kind);
    const id = block.next++;
    return { id, low: block.end - block.next < blockLength / 2 };
  }

  /** Reserves ahead where half a block is used; throws when the database cannot be written. */
  refill(): void {
    for (const kind of ['call', 'leg'] as const) {
      const block = this.#blocks[kind];
      if (block.end - block.next >= blockLength / 2) continue;
      const reserved = this.#reserve(kind, block.next);
      // Another process reserved in between: what is left of the old block is given up.
      if (reserved.next !== block.end) block.next = reserved.next;
      block.end = reserved.end;
    }
  }

  /** When numbers are used up faster than `refill` is called. */
  #refillNow(kind: Kind): void {
    try {
      // Within somebody's transaction a reservation could be undone.
      if (this.#connection.transactionEnd === undefined) this.refill();
    } catch (error) {
      this.#log.error(
        { error, kind },
        'no numbers could be reserved; going on, to reserve them later',
      );
    }
  }

  giveBack(): void {
    for (const kind of ['call', 'leg'] as const) {
      const { next, end } = this.#blocks[kind];
      this.#connection
        .prepare('UPDATE id_block SET next = ? WHERE kind = ? AND next = ?')
        .run(next, kind, end);
    }
  }

  #reserve(kind: Kind, atLeast = 0): Block {
    const row = this.#connection
      .prepare(
        `UPDATE id_block SET next = max(next, ?) + ${blockLength} WHERE kind = ? RETURNING next`,
      )
      .get(atLeast, kind) as { next: number };
    return { next: row.next - blockLength, end: row.next };
  }
}
