/** One request of the Call API: resolves with `data`, rejects with the error's mnemonic and text. */
export async function rpc(
  method: string,
  params: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  const { DOZVON_URL = 'http://127.0.0.1:8080', DOZVON_KEY = '' } = process.env;
  const response = await fetch(`${DOZVON_URL}/v4.0`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: crypto.randomUUID(),
      method,
      params: { access_token: DOZVON_KEY, ...params },
    }),
  });
  const answer = (await response.json()) as {
    result?: { data: Record<string, unknown> };
    error?: { message: string; data: { mnemonic: string; field: string | null } };
  };
  if (answer.error) {
    const { message, data } = answer.error;
    throw new Error(`${data.mnemonic}${data.field ? ` (${data.field})` : ''}: ${message}`);
  }
  return answer.result!.data;
}
