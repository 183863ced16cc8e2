// Every error of the catalogues is reached by a request to the real HTTP app.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ApiError, everyError, type Mnemonic } from '../../src/api/errors.ts';
import { type Answer, type Installation, installation, tokens } from './api-installation.ts';
import { ask, data } from './data-api-test.ts';

const order = {
  first_call: 'operator',
  virtual_phone_number: '74993720692',
  contact: '79260000000',
  operator: '79262444491',
};
const january = { date_from: '2026-01-01 00:00:00', date_till: '2026-01-31 23:59:59' };
const limit = { limit_type: 'minute', limit_max_value: 3 };

type Reach = {
  readonly ask: (it: Installation) => Promise<unknown>;
  /** What fills the placeholders of the message. */
  readonly params?: Readonly<Record<string, string | number>>;
};

const calling =
  (method: string, params: object = {}): Reach['ask'] =>
  async (it) =>
    it.call(method, { ...params });
const starting = (changes: object): Reach['ask'] =>
  calling('start.simple_call', { ...order, ...changes });
const posting =
  (body: unknown): Reach['ask'] =>
  async (it) =>
    it.post(typeof body === 'string' ? body : JSON.stringify(body));
const listing =
  (method: string, params: Record<string, unknown>): Reach['ask'] =>
  async (it) =>
    ask(it, method, params);

/** By a user who may administer the account. */
const administrating =
  (method: string, params: Record<string, unknown>): Reach['ask'] =>
  async (it) => {
    const { id: _, ...user } = (await it.store.users.byLogin('user of one'))!;
    await it.store.users.put({ ...user, administration: true });
    return ask(it, method, params);
  };

const reached: Readonly<Record<Mnemonic, Reach>> = {
  parse_error: { ask: posting('{') },
  invalid_request: { ask: posting({ jsonrpc: '1.0', id: 1, method: 'list.calls', params: {} }) },
  method_not_found: { ask: calling('list.everything') },
  batch_opreations_not_supported: { ask: posting([]) },
  notifications_not_supported: {
    ask: posting({ jsonrpc: '2.0', method: 'list.calls', params: {} }),
  },
  access_token_invalid: { ask: calling('list.calls', { access_token: 'unknown' }) },
  access_token_blocked: { ask: calling('list.calls', { access_token: tokens.blocked }) },
  access_token_expired: { ask: calling('list.calls', { access_token: tokens.expired }) },
  auth_error: {
    ask: posting({
      jsonrpc: '2.0',
      id: 1,
      method: 'login.user',
      params: { login: 'user of one', password: 'guessed' },
    }),
  },
  ip_not_whitelisted: {
    async ask(it) {
      await it.store.allowList.add(it.account.id, '203.0.113.7');
      return it.call('list.calls');
    },
    params: { ip: '127.0.0.1' },
  },
  account_inactive: { ask: calling('list.calls', { access_token: tokens.inactive }) },
  forbidden: { ask: calling('list.calls', { access_token: tokens.noRight }) },
  component_disabled: {
    ask: calling('list.calls', { access_token: tokens.disabled }),
    params: { component_name: 'Call API Управление вызовами' },
  },
  limit_exceeded: {
    async ask(it) {
      const poor = { access_token: tokens.limited };
      for (let points = 3; points > 0; points--) await it.call('list.calls', poor);
      return it.call('list.calls', poor);
    },
    params: limit,
  },
  unexpected_parameters: { ask: calling('list.calls', { colour: 'red' }) },
  required_parameter_missed: { ask: calling('release.call') },
  data_type_error: { ask: starting({ switch_at_once: 'true' }) },
  invalid_parameter_value: { ask: starting({ contact: '+79260000000' }) },
  character_encoding_not_allowed: { ask: starting({ external_id: '\ud800' }) },
  invalid_parameters_combination: { ask: starting({ early_switching: true }) },
  call_session_not_found: { ask: calling('release.call', { call_session_id: 1 }) },
  virtual_phone_number_not_found: {
    ask: starting({ virtual_phone_number: '74993720695' }),
    params: { virtual_phone_number: '74993720695' },
  },
  media_file_not_found: {
    ask: starting({ media_file_id: 2562 }),
    params: { media_file_id: 2562 },
  },
  own_virtual_phone_number_not_allowed: { ask: starting({ contact: '74993720693' }) },
  contact_in_blacklist: {
    ask: starting({ contact: '79990000001' }),
    params: { contact: '79990000001' },
  },
  tts_text_exceeded: {
    ask: starting({ contact_message: { type: 'tts', value: 'ё'.repeat(21) } }),
    params: { tts_message_max_length: 20, sent_tts_message_length: 21 },
  },
  call_direction_not_allowed: {
    ask: starting({ contact: '12025550123' }),
    params: { reason: 'international' },
  },
  internal_error: {
    async ask(it) {
      it.calls.failure = new Error('the disk is full');
      return it.call('start.simple_call', order);
    },
  },

  method_component_disabled: {
    async ask(it) {
      const { id: _, ...account } = it.account;
      await it.store.accounts.put({ ...account, disabledComponents: ['Data API'] });
      return ask(it, 'get.account');
    },
    params: { components: 'Data API' },
  },
  sort_prohibited: {
    ask: listing('get.calls_report', { ...january, sort: [{ field: 'id', order: 'asc' }] }),
  },
  filter_prohibited: {
    ask: listing('get.calls_report', {
      ...january,
      filter: { field: 'start_time', operator: '=', value: january.date_from },
    }),
  },
  date_interval_limit_reached: {
    ask: listing('get.calls_report', { ...january, date_till: '2026-04-01 00:00:01' }),
  },
  entity_not_found: { ask: listing('delete.phone_number_from_blacklist', { id: 99 }) },
  duplicate_entity: {
    async ask(it) {
      const again = { phone_number: '79990000002' };
      await data(it, 'create.phone_number_to_blacklist', again);
      return ask(it, 'create.phone_number_to_blacklist', again);
    },
  },
  dependency_error: { ask: administrating('delete.users', { id: 1 }) },
  invalid_date_time: {
    ask: administrating('create.keys', { key_user_id: 1, expires_at: '2026-02-30 00:00:00' }),
  },
  data_limit_exceeded: {
    async ask(it) {
      const most = Array.from({ length: 10_000 }, (_, id) => ({ id, name: '', isSystem: false }));
      Object.assign(it.store.tags, { list: async () => most });
      return ask(it, 'create.tags', { name: 'x' });
    },
  },
  already_in_use: {
    ask: administrating('create.virtual_numbers', { virtual_phone_number: '74993720695' }),
  },
};

describe('every mnemonic is reached', () => {
  test('each of the catalogues has its request', () => {
    assert.deepEqual(Object.keys(reached).sort(), Object.keys(everyError).sort());
  });

  for (const [mnemonic, { ask, params = {} }] of Object.entries(reached))
    test(mnemonic, async () => {
      const it = await installation();
      try {
        const { error, result } = (await ask(it)) as Answer;
        assert.ok(error, `answered ${JSON.stringify(result)}`);
        const { code, message } = new ApiError(mnemonic as Mnemonic, { params });
        assert.deepEqual(
          [error.data.mnemonic, error.code, error.message, error.data.params],
          [mnemonic, code, message, params],
        );
        assert.doesNotMatch(message, /[{}]/, 'every placeholder is filled');
      } finally {
        await it.close();
      }
    });
});
