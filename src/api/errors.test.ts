import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, catalogue } from './errors.ts';

// The vendor's tables, word for word: slips of spelling and the final dot of one message included.
// biome-ignore format: a table
const documented: readonly [message: string, code: number, mnemonic: string][] = [
  ['Invalid Request The JSON sent is not a valid Request object', -32600, 'invalid_request'],
  ['Access token has been expired', -32001, 'access_token_expired'],
  ['Access token has been blocked', -32001, 'access_token_blocked'],
  ['Access token is invalid', -32001, 'access_token_invalid'],
  ['Limit per {limit_type} has been exceeded. Value of current limit per {limit_type} is {limit_max_value}', -32029, 'limit_exceeded'],
  ['Component {component_name} has been disabled', -32008, 'component_disabled'],
  ['Your IP {ip} is not whitelisted', -32003, 'ip_not_whitelisted'],
  ['Login or password is wrong', -32001, 'auth_error'],
  ['Your account has been disabled, contact the support service', -32009, 'account_inactive'],
  ['Call session not found', -32602, 'call_session_not_found'],
  ['Internal error, contact the support service', -32603, 'internal_error'],
  ['Data supplied is of wrong type', -32602, 'data_type_error'],
  ['The method does not exist / is not available', -32601, 'method_not_found'],
  ['Permission denied', -32003, 'forbidden'],
  ['Invalid JSON was received by the server.', -32700, 'parse_error'],
  ['Batch operations not supported', -32099, 'batch_opreations_not_supported'],
  ['Notifications not supported', -32099, 'notifications_not_supported'],
  ['The required parameter has been missed', -32602, 'required_parameter_missed'],
  ['Invalid parameter value', -32602, 'invalid_parameter_value'],
  ['Unexpected method parameter(s)', -32602, 'unexpected_parameters'],
  ['The combination of parameters is not permitted', -32602, 'invalid_parameters_combination'],
  ['The maximum length of Text-to-Speech message is {tts_message_max_length}. The length of your message is {sent_tts_message_length}', -32602, 'tts_text_exceeded'],
  ['The media file with id {media_file_id} not found', -32602, 'media_file_not_found'],
  ['Virtual phone number {virtual_phone_number} not found. It is not your virtual phone number.', -32007, 'virtual_phone_number_not_found'],
  ['Parameter contact can not contain own virtual phone number', -32602, 'own_virtual_phone_number_not_allowed'],
  ['The contact {contact} has been found in the blacklist', -32002, 'contact_in_blacklist'],
  ['The character encoding must be UTF-8', -32602, 'character_encoding_not_allowed'],
];

test('the catalogue is what the vendor documents, no more and no less', () => {
  const actual = Object.entries(catalogue).map(([mnemonic, { message, code }]) => [
    message,
    code,
    mnemonic,
  ]);
  const byMnemonic = (a: readonly unknown[], b: readonly unknown[]): number =>
    String(a[2]) < String(b[2]) ? -1 : 1;
  assert.deepEqual(actual.sort(byMnemonic), [...documented].sort(byMnemonic));
});

test('placeholders are filled in wherever they stand; a value is never read as a placeholder', () => {
  const params = { limit_type: 'day', limit_max_value: 5 };
  assert.equal(
    new ApiError('limit_exceeded', { params }).message,
    'Limit per day has been exceeded. Value of current limit per day is 5',
  );
  const contact = '{contact}$&{ip}';
  assert.equal(
    new ApiError('contact_in_blacklist', { params: { contact } }).message,
    'The contact {contact}$&{ip} has been found in the blacklist',
  );
});
