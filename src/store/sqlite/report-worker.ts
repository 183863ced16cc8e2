import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { ReportPage, ReportQuery } from '../data-store.ts';
import { sqlFunctions } from './list-sql.ts';
import { type ReportName, readReport } from './report-query.ts';

export type ReportJob = {
  readonly jobId: number;
  readonly name: ReportName;
  readonly query: ReportQuery;
};

export type ReportResult = { readonly jobId: number } & (
  | { readonly page: ReportPage }
  | { readonly failure: string }
);

/** As long as the signalling thread may hold the lock of a change of the schema. */
const busyTimeoutMs = 1_000;
const mostStatements = 100;

const { path } = workerData as { readonly path: string };
const database = new DatabaseSync(path, { readOnly: true, timeout: busyTimeoutMs });
for (const [name, work] of Object.entries(sqlFunctions))
  database.function(name, { deterministic: true, varargs: true }, work);
const statements = new Map<string, StatementSync>();

function prepare(sql: string): StatementSync {
  const known = statements.get(sql);
  if (known !== undefined) return known;
  if (statements.size >= mostStatements) statements.clear();
  const statement = database.prepare(sql);
  statements.set(sql, statement);
  return statement;
}

// The thread has nothing else to do: a query may block it.
parentPort?.on('message', ({ jobId, name, query }: ReportJob) => {
  parentPort?.postMessage({ jobId, ...answer(name, query) } as ReportResult);
});

function answer(name: ReportName, query: ReportQuery): { page: ReportPage } | { failure: string } {
  try {
    return { page: readReport(prepare, name, query) };
  } catch (error) {
    return { failure: (error as Error).message };
  }
}
