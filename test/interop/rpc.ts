import assert from 'node:assert/strict';
import type { RunningServer } from '../../src/server.ts';
import { testKey } from '../loopback/test-config.ts';

/** One request to a server under test, as any client makes it; the answer must be a result. */
export async function rpc(
  { httpAddress }: RunningServer,
  method: string,
  params: object,
): Promise<{ data: Record<string, unknown> }> {
  const response = await fetch(`http://127.0.0.1:${httpAddress.port}/v4.0`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: { access_token: testKey, ...params },
    }),
  });
  const answer = (await response.json()) as { result?: { data: Record<string, unknown> } };
  assert.ok(answer.result, JSON.stringify(answer));
  return answer.result;
}
