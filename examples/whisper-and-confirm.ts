// The operator hears a message and must press 1 before the customer is rung; then music until the answer.
import { client } from './client.ts';

const [operator, contact, messageId] = process.argv.slice(2);
if (!operator || !contact || !messageId) {
  throw new Error(
    'usage: whisper-and-confirm.ts OPERATOR CONTACT MEDIA_FILE_ID (dozvon media list)',
  );
}

const { call_session_id } = await client.call('start.simple_call', {
  first_call: 'operator',
  switch_at_once: true,
  virtual_phone_number: '74993720692',
  operator,
  contact,
  operator_message: { type: 'media', value: messageId }, // An id as text here, a number in media_file_id.
  operator_confirmation: '1',
});
console.log(`call ${call_session_id}: the operator has 30 s after the message to press 1`);
