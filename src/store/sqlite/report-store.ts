import type { ReportPage, ReportQuery, ReportStore } from '../data-store.ts';
import { type ReportName, readReport } from './report-query.ts';
import type { ReportThread } from './report-thread.ts';
import type { Scope } from './scope.ts';

/** Pages of the records of calls and legs, and of the log of requests. */
export class SqliteReportStore implements ReportStore {
  readonly #scope: Scope;
  readonly #thread: ReportThread | undefined;

  /** Without a thread, as in memory and within a transaction, it reads here. */
  constructor(scope: Scope, thread: ReportThread | undefined) {
    this.#scope = scope;
    this.#thread = thread;
  }

  calls(query: ReportQuery): Promise<ReportPage> {
    return this.#read('calls', query);
  }

  legs(query: ReportQuery): Promise<ReportPage> {
    return this.#read('legs', query);
  }

  requests(query: ReportQuery): Promise<ReportPage> {
    return this.#read('requests', query);
  }

  async #read(name: ReportName, query: ReportQuery): Promise<ReportPage> {
    if (this.#thread !== undefined) return this.#thread.read(name, query);
    await this.#scope.turn();
    return readReport((sql) => this.#scope.prepare(sql), name, query);
  }
}
