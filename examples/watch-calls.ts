// Follows every call of the account: the event stream is an extension of this server.
const { DOZVON_URL = 'http://127.0.0.1:8080', DOZVON_KEY = '' } = process.env;

const response = await fetch(`${DOZVON_URL}/v4.0/events`, {
  headers: { authorization: `Bearer ${DOZVON_KEY}` },
});
if (!response.ok || !response.body) throw new Error(`${response.status}: ${await response.text()}`);

let rest = '';
for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
  const messages = (rest + chunk).split('\n\n');
  rest = messages.pop()!;
  for (const message of messages) {
    const data = /^data: (.*)$/m.exec(message)?.[1];
    if (!data) continue;
    const { callSessionId, type, legId, at } = JSON.parse(data);
    console.log(new Date(at).toISOString(), callSessionId, type, legId ?? '');
  }
}
