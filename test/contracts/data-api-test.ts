import assert from 'node:assert/strict';
import type { HttpApiOptions } from '../../src/api/http-server.ts';
import type { Cdr } from '../../src/model/cdr.ts';
import { type Answer, type Installation, installation, tokens } from './api-installation.ts';

export type DataAnswer = Omit<Answer, 'result'> & {
  readonly result?: {
    readonly data: never;
    readonly metadata: { readonly total_items?: number; readonly limits: Record<string, number> };
  };
};

/** An installation in which the user of account one may administer it; the one of account two may not. */
export async function administrated(
  overrides: Partial<HttpApiOptions> = {},
): Promise<Installation & AsyncDisposable> {
  const it = await installation(overrides);
  const { id: _, ...user } = (await it.store.users.byLogin('user of one'))!;
  await it.store.users.put({ ...user, administration: true });
  return { ...it, [Symbol.asyncDispose]: () => it.close() };
}

/** Posts to the Data API with account one's key unless the parameters name another. */
export async function ask(
  it: Installation,
  method: string,
  params: Record<string, unknown> = {},
): Promise<DataAnswer> {
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 'req1',
    method,
    params: { access_token: tokens.valid, ...params },
  });
  const response = await it.api.fetch(new Request('http://test/v2.0', { method: 'POST', body }));
  assert.equal(response.status, 200);
  return (await response.json()) as DataAnswer;
}

type Row = Record<string, unknown>;

/** `result.data` of an answer that must be a success. */
export async function data<Data = Row>(
  it: Installation,
  method: string,
  params: Record<string, unknown> = {},
): Promise<Data> {
  const answer = await ask(it, method, params);
  assert.ok(answer.result, JSON.stringify(answer.error));
  return answer.result.data as Data;
}

export const rows = (
  it: Installation,
  method: string,
  params: Record<string, unknown> = {},
): Promise<Row[]> => data<Row[]>(it, method, params);

/** `mnemonic code field` of an answer that must be an error. */
export async function refusal(
  it: Installation,
  method: string,
  params: Record<string, unknown> = {},
): Promise<string> {
  const { error } = await ask(it, method, params);
  assert.ok(error, `${method} succeeded`);
  return `${error.data.mnemonic} ${error.code} ${error.data.field ?? '-'}`;
}

const second = 1_000;

/** A call of account one in which the operator, then the contact answered: 5 s, 7 s, 60 s of talk. */
export function talkedCall(callSessionId: number, changes: Partial<Cdr> = {}): Cdr {
  const startedAt = changes.startedAt ?? Date.UTC(2026, 0, 1, 7, 0, 0, 250);
  const at = (seconds: number): number => startedAt + seconds * second;
  const leg = {
    trunk: 'carrier',
    callingNumber: '74993720692',
    ringingAt: at(2),
    earlyMediaAt: null,
    confirmedAt: null,
    noAudioMs: 0,
    endedAt: at(72),
    endedBy: 'remote' as const,
    cause: { type: 'normal' as const },
    finishReason: 'subscriber_disconnects' as const,
  };
  return {
    callSessionId,
    accountId: 1,
    source: 'callapi',
    direction: 'in',
    virtualNumber: '74993720692',
    contact: '79260000000',
    operator: '79262444491',
    externalId: null,
    startedAt,
    talkStartedAt: at(12),
    endedAt: at(72),
    cause: { type: 'normal' },
    finishReason: 'subscriber_disconnects',
    legs: [
      {
        ...leg,
        legId: callSessionId * 2,
        role: 'operator',
        calledNumber: '79262444491',
        dialedAt: at(0),
        answeredAt: at(5),
      },
      {
        ...leg,
        legId: callSessionId * 2 + 1,
        role: 'contact',
        calledNumber: '79260000000',
        dialedAt: at(5),
        answeredAt: at(10),
      },
    ],
    ...changes,
  };
}

/** A call of account one whose operator was busy. */
export function lostCall(callSessionId: number, changes: Partial<Cdr> = {}): Cdr {
  const talked = talkedCall(callSessionId, changes);
  const cause = { type: 'busy', status: 486 } as const;
  const endedAt = talked.startedAt + 4 * second;
  return {
    ...talked,
    talkStartedAt: null,
    endedAt,
    cause,
    finishReason: 'no_success_operator_call',
    legs: [
      {
        ...talked.legs[0]!,
        answeredAt: null,
        endedAt,
        cause,
        finishReason: 'operator_busy',
      },
    ],
    ...changes,
  };
}
