// Rings the operator, then the customer, and connects them: the whole job in one request.
import { client } from './client.ts';

const [operator, contact, virtualNumber = '74993720692'] = process.argv.slice(2);
if (!operator || !contact) throw new Error('usage: click-to-call.ts OPERATOR CONTACT [OWN_NUMBER]');

const { call_session_id } = await client.call('start.simple_call', {
  first_call: 'operator',
  switch_at_once: true,
  virtual_phone_number: virtualNumber,
  operator,
  contact,
  external_id: 'order-4711',
});
console.log(`call ${call_session_id} is being set up`);
