import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import {
  type Answer,
  type Installation,
  installation,
  tokens,
} from '../../../test/contracts/api-installation.ts';

const required = {
  first_call: 'operator',
  virtual_phone_number: '74993720692',
  contact: '79260000000',
  operator: '79262444491',
};

const order = {
  firstCall: 'operator',
  switchAtOnce: false,
  earlySwitching: false,
  music: { id: 1, name: 'dialing_music', path: '/media/dialing_music.wav' },
  ringback: { id: 2, name: 'ringback', path: '/media/ringback.wav' },
  virtualNumber: '74993720692',
  showVirtualNumber: true,
  contact: '79260000000',
  operator: '79262444491',
  direction: 'in',
};

/** The request printed on the method's page, with a token of ours. */
const printed = {
  jsonrpc: '2.0',
  method: 'start.simple_call',
  id: 'req1',
  params: {
    access_token: tokens.valid,
    first_call: 'operator',
    switch_at_once: true,
    media_file_id: 2701,
    show_virtual_phone_number: false,
    virtual_phone_number: '74993720692',
    external_id: '334otr01',
    dtmf_string: '.1.2.3',
    direction: 'in',
    contact: '79260000000',
    operator: '79262444491',
    contact_message: { type: 'tts', value: 'Привет' },
    operator_message: { type: 'media', value: '2561' },
  },
};

/** Column by column: what is sent beside the required parameters, and what is answered. */
// biome-ignore format: a table
const refusals: readonly [
  params: Record<string, unknown>,
  mnemonic: string,
  field: string | null,
  value: string | null,
][] = [
  // Step 12: what the method does not define.
  [{ start_employee_call: 1 }, 'unexpected_parameters', 'start_employee_call', '1'],
  [{ Contact: '7', contacts: '8' }, 'unexpected_parameters', 'Contact', '7'],
  [{ ['__proto__']: { a: 1 } }, 'unexpected_parameters', '__proto__', '{"a":1}'],
  [{ contact_message: { type: 'media', value: '2561', id: 5 } }, 'unexpected_parameters', 'contact_message.id', '5'],
  [{ surplus: null }, 'unexpected_parameters', 'surplus', null],
  [{ contact_message: { type: 'media', value: '1', surplus: null } }, 'unexpected_parameters', 'contact_message.surplus', null],
  [{ my_token: 'secret' }, 'unexpected_parameters', 'my_token', null],
  [{ first_call: undefined, x: 1 }, 'unexpected_parameters', 'x', '1'],
  // Step 13: what is missing, the first in the documented order.
  [{ first_call: undefined, contact: undefined }, 'required_parameter_missed', 'first_call', null],
  [{ virtual_phone_number: undefined, contact: 5 }, 'required_parameter_missed', 'virtual_phone_number', null],
  [{ contact: null }, 'required_parameter_missed', 'contact', null],
  [{ operator: undefined, contact: 'x' }, 'required_parameter_missed', 'operator', null],
  [{ contact_message: {} }, 'required_parameter_missed', 'contact_message.type', null],
  [{ operator_message: { type: 'media' } }, 'required_parameter_missed', 'operator_message.value', null],
  [{ operator_message: { type: 'tts', value: null } }, 'required_parameter_missed', 'operator_message.value', null],
  // Step 14: types are JSON's own.
  [{ first_call: 5 }, 'data_type_error', 'first_call', '5'],
  [{ first_call: {} }, 'data_type_error', 'first_call', '{}'],
  [{ switch_at_once: 'true' }, 'data_type_error', 'switch_at_once', 'true'],
  [{ switch_at_once: 1 }, 'data_type_error', 'switch_at_once', '1'],
  [{ early_switching: 'false' }, 'data_type_error', 'early_switching', 'false'],
  [{ media_file_id: '2701' }, 'data_type_error', 'media_file_id', '2701'],
  [{ virtual_phone_number: 74993720692 }, 'data_type_error', 'virtual_phone_number', '74993720692'],
  [{ virtual_phone_usage_rule: true }, 'data_type_error', 'virtual_phone_usage_rule', 'true'],
  [{ show_virtual_phone_number: 'yes' }, 'data_type_error', 'show_virtual_phone_number', 'yes'],
  [{ contact: 79260000000, operator: 5 }, 'data_type_error', 'contact', '79260000000'],
  [{ contact: ['79260000000'] }, 'data_type_error', 'contact', '["79260000000"]'],
  [{ external_id: 334 }, 'data_type_error', 'external_id', '334'],
  [{ dtmf_string: 123 }, 'data_type_error', 'dtmf_string', '123'],
  [{ direction: false }, 'data_type_error', 'direction', 'false'],
  [{ operator: { phone: 1 } }, 'data_type_error', 'operator', '{"phone":1}'],
  [{ operator_confirmation: 1 }, 'data_type_error', 'operator_confirmation', '1'],
  [{ contact_message: 'Привет' }, 'data_type_error', 'contact_message', 'Привет'],
  [{ contact_message: [] }, 'data_type_error', 'contact_message', '[]'],
  [{ contact_message: { type: 'media', value: 2561 } }, 'data_type_error', 'contact_message.value', '2561'],
  [{ operator_message: { type: 5, value: '1' } }, 'data_type_error', 'operator_message.type', '5'],
  // Step 15: values.
  [{ first_call: 'employee' }, 'invalid_parameter_value', 'first_call', 'employee'],
  [{ first_call: '' }, 'invalid_parameter_value', 'first_call', ''],
  [{ media_file_id: 2701.5 }, 'invalid_parameter_value', 'media_file_id', '2701.5'],
  [{ media_file_id: 1e300 }, 'invalid_parameter_value', 'media_file_id', '1e+300'],
  [{ virtual_phone_number: '+74993720692' }, 'invalid_parameter_value', 'virtual_phone_number', '+74993720692'],
  [{ virtual_phone_usage_rule: 'any' }, 'invalid_parameter_value', 'virtual_phone_usage_rule', 'any'],
  [{ contact: '+79260000000' }, 'invalid_parameter_value', 'contact', '+79260000000'],
  [{ contact: '7 926 000-00-00' }, 'invalid_parameter_value', 'contact', '7 926 000-00-00'],
  [{ contact: '123' }, 'invalid_parameter_value', 'contact', '123'],
  [{ contact: '079260000000' }, 'invalid_parameter_value', 'contact', '079260000000'],
  [{ contact: '1234567890123456' }, 'invalid_parameter_value', 'contact', '1234567890123456'],
  [{ contact: '79260000000\n' }, 'invalid_parameter_value', 'contact', '79260000000\n'],
  [{ contact: '0123456' }, 'invalid_parameter_value', 'contact', '0123456'],
  [{ operator: '0123456', early_switching: true }, 'invalid_parameter_value', 'operator', '0123456'],
  [{ contact: '01234567' }, 'invalid_parameter_value', 'contact', '01234567'],
  [{ contact: '12345', operator: '123' }, 'invalid_parameter_value', 'contact', '12345'],
  [{ contact: '٧٩٢٦٠٠٠٠٠٠٠' }, 'invalid_parameter_value', 'contact', '٧٩٢٦٠٠٠٠٠٠٠'],
  [{ external_id: 'я'.repeat(256) }, 'invalid_parameter_value', 'external_id', 'я'.repeat(256)],
  [{ dtmf_string: '' }, 'invalid_parameter_value', 'dtmf_string', ''],
  [{ dtmf_string: '1,2' }, 'invalid_parameter_value', 'dtmf_string', '1,2'],
  [{ dtmf_string: '1A' }, 'invalid_parameter_value', 'dtmf_string', '1A'],
  [{ dtmf_string: '1\r\n2' }, 'invalid_parameter_value', 'dtmf_string', '1\r\n2'],
  [{ direction: 'both' }, 'invalid_parameter_value', 'direction', 'both'],
  [{ operator: '1' }, 'invalid_parameter_value', 'operator', '1'],
  [{ operator_confirmation: '12' }, 'invalid_parameter_value', 'operator_confirmation', '12'],
  [{ operator_confirmation: '' }, 'invalid_parameter_value', 'operator_confirmation', ''],
  [{ operator_confirmation: 'Any' }, 'invalid_parameter_value', 'operator_confirmation', 'Any'],
  [{ contact_message: { type: 'file', value: '1' } }, 'invalid_parameter_value', 'contact_message.type', 'file'],
  [{ contact_message: { type: 'media', value: 'a.wav' } }, 'invalid_parameter_value', 'contact_message.value', 'a.wav'],
  [{ contact_message: { type: 'media', value: '' } }, 'invalid_parameter_value', 'contact_message.value', ''],
  [{ contact_message: { type: 'media', value: '9'.repeat(30) } }, 'invalid_parameter_value', 'contact_message.value', '9'.repeat(30)],
  [{ operator_message: { type: 'tts', value: '  ' } }, 'invalid_parameter_value', 'operator_message.value', '  '],
  // Steps 16 and 17.
  [{ external_id: '\ud800' }, 'character_encoding_not_allowed', 'external_id', null],
  [{ contact_message: { type: 'tts', value: 'a\udc00' } }, 'character_encoding_not_allowed', 'contact_message.value', null],
  [{ early_switching: true }, 'invalid_parameters_combination', 'early_switching', 'true'],
  [{ early_switching: true, first_call: 'contact', switch_at_once: true }, 'invalid_parameters_combination', 'early_switching', 'true'],
  [{ early_switching: true, first_call: 'contact' }, 'invalid_parameters_combination', 'early_switching', 'true'],
  // Step 18: what is looked up, in the order of the parameters.
  [{ media_file_id: 99, virtual_phone_number: '70000000000' }, 'media_file_not_found', 'media_file_id', '99'],
  [{ media_file_id: 2562 }, 'media_file_not_found', 'media_file_id', '2562'],
  [{ virtual_phone_number: '70000000000' }, 'virtual_phone_number_not_found', 'virtual_phone_number', '70000000000'],
  [{ virtual_phone_number: '74993720694' }, 'virtual_phone_number_not_found', 'virtual_phone_number', '74993720694'],
  [{ virtual_phone_number: '74993720695' }, 'virtual_phone_number_not_found', 'virtual_phone_number', '74993720695'],
  [{ contact_message: { type: 'media', value: '99' } }, 'media_file_not_found', 'contact_message.value', '99'],
  [{ operator_message: { type: 'media', value: '2562' } }, 'media_file_not_found', 'operator_message.value', '2562'],
  // Step 19: policy.
  [{ contact: '74993720692' }, 'own_virtual_phone_number_not_allowed', 'contact', '74993720692'],
  [{ contact: '74993720694' }, 'own_virtual_phone_number_not_allowed', 'contact', '74993720694'],
  [{ operator: '74993720693' }, 'invalid_parameter_value', 'operator', '74993720693'],
  [{ contact: '79990000001' }, 'contact_in_blacklist', 'contact', '79990000001'],
  [{ contact: '442079460000' }, 'call_direction_not_allowed', 'contact', '442079460000'],
  [{ operator: '442079460000' }, 'call_direction_not_allowed', 'operator', '442079460000'],
  [{ contact: '78091234567' }, 'call_direction_not_allowed', 'contact', '78091234567'],
  // Step 20.
  [{ contact_message: { type: 'tts', value: '😀'.repeat(21) } }, 'tts_text_exceeded', 'contact_message.value', '😀'.repeat(21)],
  [{ contact: '79990000001', contact_message: { type: 'tts', value: 'x'.repeat(21) } }, 'contact_in_blacklist', 'contact', '79990000001'],
];

/** Word for word from the method's page. */
const texts: Record<string, readonly [code: number, message: string]> = {
  tts_text_exceeded: [
    -32602,
    'The maximum length of Text-to-Speech message is 20. The length of your message is 21',
  ],
  media_file_not_found: [-32602, 'The media file with id 99 not found'],
  virtual_phone_number_not_found: [
    -32007,
    'Virtual phone number 70000000000 not found. It is not your virtual phone number.',
  ],
  own_virtual_phone_number_not_allowed: [
    -32602,
    'Parameter contact can not contain own virtual phone number',
  ],
  contact_in_blacklist: [-32002, 'The contact 79990000001 has been found in the blacklist'],
  character_encoding_not_allowed: [-32602, 'The character encoding must be UTF-8'],
  call_direction_not_allowed: [
    -32002,
    'Calls to this number are not allowed by the security rules: international',
  ],
  invalid_parameters_combination: [-32602, 'The combination of parameters is not permitted'],
};

describe('start.simple_call', () => {
  let it: Installation;
  before(async () => {
    it = await installation();
  });
  beforeEach(() => {
    it.calls.orders.splice(0);
    it.speech.texts.splice(0);
    it.speech.failure = undefined;
  });
  after(() => it.close());

  const start = (params: Record<string, unknown> = {}) =>
    it.call('start.simple_call', { ...required, ...params });

  describe('refusals', () => {
    for (const [params, mnemonic, field, value] of refusals) {
      test(`${JSON.stringify(params).slice(0, 90)} -> ${mnemonic} ${field}`, async () => {
        const { error, id } = await start(params);
        const { data } = error!;
        assert.deepEqual(
          [id, data.mnemonic, data.field, data.value],
          ['req1', mnemonic, field, value],
        );
        assert.deepEqual(it.calls.orders, [], 'nothing is dialled');
      });
    }
  });

  test('its own errors have the texts and codes of the page', async () => {
    const seen = new Set<string>();
    for (const [params, mnemonic] of refusals) {
      const expected = texts[mnemonic];
      if (expected === undefined || seen.has(mnemonic)) continue;
      const { error } = await start(params);
      assert.deepEqual([error!.code, error!.message], expected);
      seen.add(mnemonic);
    }
    assert.deepEqual([...seen].sort(), Object.keys(texts).sort());
  });

  test('the values of a message’s placeholders are given apart', async () => {
    const paramsOf = async (sent: Record<string, unknown>) =>
      (await start(sent)).error!.data.params;
    assert.deepEqual(await paramsOf({ media_file_id: 99 }), { media_file_id: 99 });
    assert.deepEqual(await paramsOf({ contact_message: { type: 'tts', value: 'x'.repeat(25) } }), {
      tts_message_max_length: 20,
      sent_tts_message_length: 25,
    });
    assert.deepEqual(await paramsOf({ contact: '79990000001' }), { contact: '79990000001' });
  });

  test('the required parameters alone: every default is filled in', async () => {
    const { result } = await start();
    assert.deepEqual(result?.data, { call_session_id: 237859081 });
    assert.deepEqual(it.calls.orders, [{ accountId: it.account.id, ...order }]);
  });

  test('null counts as absent', async () => {
    const { result } = await start({
      switch_at_once: null,
      early_switching: null,
      media_file_id: null,
      virtual_phone_usage_rule: null,
      show_virtual_phone_number: null,
      external_id: null,
      dtmf_string: null,
      direction: null,
      operator_confirmation: null,
      contact_message: null,
      operator_message: null,
    });
    assert.ok(result);
    assert.deepEqual(it.calls.orders, [{ accountId: it.account.id, ...order }]);
  });

  test('every parameter reaches the call', async () => {
    const { result } = await start({
      switch_at_once: true,
      early_switching: true,
      media_file_id: 2701,
      virtual_phone_number: '74993720693',
      virtual_phone_usage_rule: 'fixed',
      show_virtual_phone_number: false,
      external_id: 'я'.repeat(255),
      direction: 'out',
      dtmf_string: '.12.1..4*#',
      operator_confirmation: 'any',
      contact_message: {
        type: 'media',
        value: '0002561',
      },
      operator_message: {
        type: 'media',
        value: '1',
      },
    });
    assert.ok(result);
    assert.deepEqual(it.calls.orders, [
      {
        accountId: it.account.id,
        ...order,
        switchAtOnce: true,
        earlySwitching: true,
        music: {
          id: 2701,
          name: 'jingle',
          path: '/media/jingle.wav',
        },
        virtualNumber: '74993720693',
        showVirtualNumber: false,
        direction: 'out',
        externalId: 'я'.repeat(255),
        dtmfString: '.12.1..4*#',
        operatorConfirmation: 'any',
        contactMessage: {
          id: 2561,
          name: 'whisper',
          path: '/media/whisper.wav',
        },
        operatorMessage: order.music,
      },
    ]);
  });

  test('a number of another account is as any other number', async () => {
    assert.ok((await start({ contact: '74993720695', operator: '74993720695' })).result);
  });

  test('each key confirms, and nothing else does', async () => {
    for (const key of [...'0123456789*#', 'any'])
      assert.ok((await start({ operator_confirmation: key })).result, key);
    for (const key of ['A', '.', '**', ' 1'])
      assert.ok((await start({ operator_confirmation: key })).error, key);
  });

  describe('texts', () => {
    test('are spoken before the call begins, each for its party', async () => {
      const { result } = await start({
        contact_message: { type: 'tts', value: '😀'.repeat(20) },
        operator_message: { type: 'tts', value: ' Привет ' },
      });
      assert.ok(result);
      assert.deepEqual(it.speech.texts, [`one: ${'😀'.repeat(20)}`, 'one:  Привет ']);
      const { contactMessage, operatorMessage } = it.calls.orders[0]!;
      assert.deepEqual(contactMessage, { id: 0, name: 'speech', path: '/speech/1.wav' });
      assert.deepEqual(operatorMessage, { id: 0, name: 'speech', path: '/speech/2.wav' });
    });

    test('a text that nobody speaks is internal_error, and nothing is dialled', async () => {
      it.speech.failure = new Error('no speech engine spoke: espeak-ng: it is not there');
      const { error } = await start({ contact_message: { type: 'tts', value: 'Привет' } });
      assert.deepEqual([error?.code, error?.data.mnemonic], [-32603, 'internal_error']);
      assert.deepEqual(it.calls.orders, []);
      assert.ok(it.logged.some((line) => line.includes('it is not there')));
      assert.ok(!it.logged.some((line) => line.includes('Привет')), 'no text is logged');
    });

    test('nothing is spoken for a request that is refused', async () => {
      const contact_message = { type: 'tts', value: 'Привет' };
      await start({ contact_message, contact: '79990000001' });
      await start({ contact_message, operator_message: { type: 'tts', value: 'x'.repeat(21) } });
      await start({ contact_message, operator_message: { type: 'media', value: '99' } });
      assert.deepEqual(it.speech.texts, []);
    });

    test('an account without the component', async () => {
      const account = (await it.store.accounts.byName('mute'))!;
      const number = '74993720699';
      await it.store.numbers.put({ accountId: account.id, number, active: true, label: '' });
      const asMute = (params: object) =>
        start({ access_token: tokens.mute, virtual_phone_number: number, ...params });
      const text = { type: 'tts', value: 'Привет' };
      const { error } = await asMute({ operator_message: text });
      assert.equal(error?.message, 'Component Text-to-Speech has been disabled');
      assert.equal(error?.code, -32008);
      assert.deepEqual(
        [error?.data.field, error?.data.value, error?.data.params],
        ['operator_message.type', 'tts', { component_name: 'Text-to-Speech' }],
      );
      assert.deepEqual(it.speech.texts, []);
      assert.ok((await asMute({ operator_message: { type: 'media', value: '1' } })).result);
    });
  });

  test('the request printed on the page, as it is printed: it makes its call', async () => {
    const response = await it.api.fetch(
      new Request('http://test/v4.0', {
        method: 'POST',
        headers: { 'content-type': 'application/json; charset=UTF-8' },
        body: JSON.stringify(printed, null, ' '),
      }),
    );
    assert.equal(response.headers.get('content-type'), 'application/json; charset=UTF-8');
    const { metadata, ...result } = ((await response.json()) as Answer).result!;
    assert.deepEqual(result, { data: { call_session_id: 237859081 } });
    assert.deepEqual(Object.keys(metadata), ['limits']);
    assert.deepEqual(it.calls.orders, [
      {
        accountId: it.account.id,
        ...order,
        switchAtOnce: true,
        showVirtualNumber: false,
        music: {
          id: 2701,
          name: 'jingle',
          path: '/media/jingle.wav',
        },
        contactMessage: { id: 0, name: 'speech', path: '/speech/1.wav' },
        operatorMessage: {
          id: 2561,
          name: 'whisper',
          path: '/media/whisper.wav',
        },
        dtmfString: '.1.2.3',
        externalId: '334otr01',
      },
    ]);
  });
});
