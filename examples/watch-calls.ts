// Follows every call of the account: the event stream is an extension of this server.
import { client } from './client.ts';

for await (const event of client.events()) {
  const leg = 'legId' in event ? event.legId : '';
  console.log(new Date(event.at).toISOString(), event.callSessionId, event.type, leg);
}
