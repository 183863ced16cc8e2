import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { type Installation, installation } from '../../../test/contracts/api-installation.ts';
import type { CallEvent } from '../../model/call-event.ts';
import { type CallingLimits, defaultSecurityRules } from '../../model/security-rules.ts';

const contact = '79260000000';
const operator = '79262444491';
const own = ['74993720692', '74993720693'];

describe('start.simple_call: numbers, directions, limits', () => {
  let it: Installation;
  beforeEach(async () => {
    it = await installation();
  });
  afterEach(() => it.close());

  const start = (params: Record<string, unknown> = {}) =>
    it.call('start.simple_call', {
      first_call: 'operator',
      virtual_phone_number: own[0],
      contact,
      operator,
      ...params,
    });
  const refusal = async (params: Record<string, unknown> = {}) => {
    const { error } = await start(params);
    const { mnemonic, field, value, params: values } = error?.data ?? {};
    return { code: error?.code, mnemonic, field, value, params: values };
  };
  const presented = async (params: Record<string, unknown>): Promise<string> => {
    assert.ok((await start(params)).result);
    return it.calls.orders.at(-1)!.virtualNumber;
  };
  const setSecurity = (rules: Partial<typeof defaultSecurityRules>) =>
    it.store.security.put(it.account.id, { ...defaultSecurityRules, ...rules });
  const setLimits = (limits: Partial<CallingLimits>) =>
    setSecurity({ limits: { ...defaultSecurityRules.limits, ...limits } });
  const tell = (callSessionId: number, body: object): void =>
    it.bus.publish({
      callSessionId,
      accountId: it.account.id,
      at: it.clock.wallTime(),
      ...body,
    } as CallEvent);

  describe('which number is presented', () => {
    test('fixed: the one that was asked for', async () => {
      for (const virtual_phone_number of own)
        assert.equal(await presented({ virtual_phone_number }), virtual_phone_number);
    });

    test('fixed_for_numa: the one that met the contact last, while it is active', async () => {
      const rule = { virtual_phone_usage_rule: 'fixed_for_numa' };
      assert.equal(await presented({ ...rule, virtual_phone_number: own[1] }), own[1]);
      assert.equal(await presented(rule), own[1], 'remembered from the first call on');
      assert.equal(await presented({ ...rule, contact: '79261111111' }), own[0], 'of nobody else');
      await it.store.numbers.put({
        accountId: it.account.id,
        number: own[1]!,
        active: false,
        label: '',
      });
      assert.equal(await presented(rule), own[0]);
      await presented({ virtual_phone_number: own[0] });
      await it.store.numbers.put({
        accountId: it.account.id,
        number: own[1]!,
        active: true,
        label: '',
      });
      assert.equal(await presented(rule), own[0], 'the last one is a later one now');
    });

    test('random: every active number sooner or later, no other', async () => {
      const seen = new Set<string>();
      for (let count = 0; count < 30; count++)
        seen.add(await presented({ virtual_phone_usage_rule: 'random' }));
      assert.deepEqual([...seen].sort(), own);
    });

    test('regional rules: by the plan; unknown regions mean the number asked for', async () => {
      const code = (first: number) => ({ first, last: first + 9_999_999 });
      const [moscow, omsk] = [code(74990000000), code(73810000000)];
      const mobile = code(79260000000);
      await it.store.numberingPlan.replace(
        [moscow, omsk, mobile],
        [
          { ...moscow, region: 'Москва' },
          { ...omsk, region: 'Омская область' },
          { ...mobile, region: 'Омская область' },
        ],
      );
      const number = '73812000000';
      const regional = { virtual_phone_usage_rule: 'regional_random' };
      const sticky = { virtual_phone_usage_rule: 'regional_fixed_for_numa' };
      assert.equal(await presented(regional), own[0], 'no number of that region');
      assert.equal(await presented(sticky), own[0]);
      await it.store.numbers.put({ accountId: it.account.id, number, active: true, label: '' });
      assert.equal(await presented(regional), number);
      assert.equal(await presented(sticky), number);
      assert.equal(await presented({ ...regional, contact: '79990000000' }), own[0], 'unknown');
    });

    test('the operator is shown the same number, or the contact', async () => {
      const rule = { virtual_phone_usage_rule: 'fixed_for_numa' };
      await presented({ ...rule, virtual_phone_number: own[1] });
      await presented({ ...rule, show_virtual_phone_number: false });
      const { virtualNumber, showVirtualNumber } = it.calls.orders.at(-1)!;
      assert.deepEqual([virtualNumber, showVirtualNumber], [own[1], false]);
    });

    test('two calls to one contact at the same time agree', async () => {
      const rule = { virtual_phone_usage_rule: 'regional_fixed_for_numa' };
      const block = { first: 74990000000, last: 74999999999 };
      await it.store.numberingPlan.replace([block], [{ ...block, region: 'Москва' }]);
      for (let round = 0; round < 20; round++) {
        const moscow = `7499100${String(1000 + round)}`;
        it.calls.orders.splice(0);
        await Promise.all(
          own.map((n) => start({ ...rule, contact: moscow, virtual_phone_number: n })),
        );
        const [first, second] = it.calls.orders;
        assert.equal(first!.virtualNumber, second!.virtualNumber);
      }
    });

    test('without the component every rule but fixed is refused', async () => {
      const component_name = 'Автоматическое управление номерами';
      await it.store.accounts.put({ ...it.account, disabledComponents: [component_name] });
      await it.clock.advance(1_000);
      for (const rule of ['fixed_for_numa', 'random', 'regional_random', 'regional_fixed_for_numa'])
        assert.deepEqual(await refusal({ virtual_phone_usage_rule: rule }), {
          code: -32008,
          mnemonic: 'component_disabled',
          field: 'virtual_phone_usage_rule',
          value: rule,
          params: { component_name },
        });
      assert.ok((await start({ virtual_phone_usage_rule: 'fixed' })).result);
    });

    test('a refused call leaves no trace: neither a number that was met nor a place in a limit', async () => {
      await setLimits({ simultaneousCalls: 1, callsPerMinutePerOperator: 1 });
      await start({ virtual_phone_number: own[1], contact: '79990000001' });
      await start({ virtual_phone_number: own[1], contact: '442079460000' });
      const text = { type: 'tts', value: 'x'.repeat(21) };
      await start({ virtual_phone_number: own[1], contact_message: text });
      it.speech.failure = new Error('no engine');
      await start({ virtual_phone_number: own[1], contact_message: { type: 'tts', value: 'x' } });
      for (const number of [contact, '79990000001', '442079460000'])
        assert.deepEqual(await it.store.numberUse.withContact(it.account.id, number), []);
      assert.equal(it.numbers.held, 0);
      assert.ok((await start()).result, 'nothing is used up');
      await start({ virtual_phone_number: own[1] });
      assert.deepEqual(await it.store.numberUse.withContact(it.account.id, contact), [own[0]]);
    });
  });

  describe('SIP lines', () => {
    const addLine = async (phoneNumber: string, name = 'one'): Promise<void> => {
      const { id } = (await it.store.accounts.byName(name))!;
      const person = { login: null, patronymic: null, email: null, extension: '101' };
      const named = { ...person, firstName: 'A', lastName: 'B' };
      const employee = await it.store.employees.add(id, named);
      await it.store.sipLines.add(id, {
        employeeId: employee.id,
        phoneNumber,
        digests: { MD5: '', 'SHA-256': '' },
        virtualNumber: null,
        channelsCount: 1,
        dialTime: 60,
        billingState: 'active',
        active: false,
      });
    };

    test('an own line is called, active or not; whatever is barred for numbers', async () => {
      await addLine('0123456');
      await it.store.blacklist.add(it.account.id, '0123456');
      const directions = { mobile: false, long_distance: false, international: false };
      await setSecurity({ directions });
      assert.ok((await start({ contact: '0123456', operator: '0123456' })).result);
      const { contact: called, operator: rung } = it.calls.orders.at(-1)!;
      assert.deepEqual([called, rung], ['0123456', '0123456']);
      for (const virtual_phone_usage_rule of ['regional_random', 'regional_fixed_for_numa'])
        assert.equal(
          await presented({ contact: '0123456', operator: '0123456', virtual_phone_usage_rule }),
          own[0],
        );
    });

    test('no other line, and no extension', async () => {
      await addLine('0123457', 'two');
      for (const value of ['0123457', '0123458', '101', '12345'])
        for (const field of ['contact', 'operator'])
          assert.deepEqual(await refusal({ [field]: value }), {
            code: -32602,
            mnemonic: 'invalid_parameter_value',
            field,
            value,
            params: {},
          });
    });
  });

  describe('security rules', () => {
    const directions = { mobile: true, long_distance: true, international: true };
    // biome-ignore format: a table
    const table: readonly (readonly [rules: Partial<typeof defaultSecurityRules>, party: Record<string, unknown>, field: string, params: object])[] = [
      [{}, { contact: '442079460000' }, 'contact', { reason: 'international' }],
      [{}, { operator: '442079460000' }, 'operator', { reason: 'international' }],
      [{ directions: { ...directions, mobile: false } }, {}, 'contact', { reason: 'mobile' }],
      [{ directions: { ...directions, long_distance: false } }, { contact: '73812000000' }, 'contact', { reason: 'long_distance' }],
      [{ deniedPrefixes: ['7926000'] }, {}, 'contact', { reason: 'denied_prefix', prefix: '7926000' }],
      [{ deniedPrefixes: ['79262'] }, {}, 'operator', { reason: 'denied_prefix', prefix: '79262' }],
      [{}, { contact: '78091234567' }, 'contact', { reason: 'premium', prefix: '7809' }],
      [{ directions }, { contact: '870773111632' }, 'contact', { reason: 'premium', prefix: '870' }],
    ];
    for (const [rules, party, field, params] of table)
      test(`${JSON.stringify({ ...rules, ...party })} -> ${JSON.stringify(params)}`, async () => {
        await setSecurity(rules);
        const value = { contact, operator, ...party }[field as 'contact'];
        assert.deepEqual(await refusal(party), {
          code: -32002,
          mnemonic: 'call_direction_not_allowed',
          field,
          value,
          params,
        });
        assert.deepEqual(it.calls.orders, []);
      });

    test('a fixed line of the virtual number’s own city is no long distance', async () => {
      await setSecurity({ directions: { ...directions, long_distance: false } });
      assert.ok((await start({ contact: '74951234567' })).result);
    });

    test('what is allowed by prefix, or by the direction, is called', async () => {
      await setSecurity({ allowedPrefixes: ['44'] });
      assert.ok((await start({ contact: '442079460000' })).result);
      await setSecurity({ directions });
      assert.ok((await start({ contact: '12125551234' })).result);
    });

    test('the order of refusals: look-ups, own numbers, blacklist, directions, texts, limits', async () => {
      await setLimits({ minutesPerDay: 0 });
      await it.store.blacklist.add(it.account.id, '44*');
      const long = { contact_message: { type: 'tts', value: 'x'.repeat(21) } };
      const steps: readonly (readonly [Record<string, unknown>, string])[] = [
        [
          { media_file_id: 99, operator: own[1], contact: '442079460000', ...long },
          'media_file_not_found',
        ],
        [{ operator: own[1], contact: '442079460000', ...long }, 'invalid_parameter_value'],
        [{ operator: '43144000000', contact: '442079460000', ...long }, 'contact_in_blacklist'],
        [{ operator: '43144000000', ...long }, 'call_direction_not_allowed'],
        [long, 'tts_text_exceeded'],
        [{}, 'limit_exceeded'],
      ];
      for (const [params, mnemonic] of steps)
        assert.equal((await refusal({ ...params })).mnemonic, mnemonic);
    });
  });

  describe('limits', () => {
    const exceeded = (
      limit_type: string,
      limit_max_value: number,
      field: string | null = null,
    ) => ({
      code: -32029,
      mnemonic: 'limit_exceeded',
      field,
      value: field === 'contact' ? contact : field === 'operator' ? operator : null,
      params: { limit_type, limit_max_value },
    });

    // biome-ignore format: a table
    const table: readonly (readonly [Partial<CallingLimits>, ReturnType<typeof exceeded>, unlike: Record<string, unknown>])[] = [
      [{ callsPerMinutePerContact: 2 }, exceeded('calls_per_minute_per_contact', 2, 'contact'), { contact: '79260000001' }],
      [{ callsPerMinutePerOperator: 2 }, exceeded('calls_per_minute_per_operator', 2, 'operator'), { operator: '79262444492' }],
      [{ callsPerMinutePerPrefix: 2, prefixLength: 6 }, exceeded('calls_per_minute_per_prefix', 2, 'contact'), { contact: '79261000001', operator: '79263000001' }],
    ];
    for (const [limits, answer, unlike] of table)
      test(`${answer.params.limit_type}: within any minute, and nobody else is hindered`, async () => {
        await setLimits(limits);
        assert.ok((await start()).result);
        await it.clock.advance(30_000);
        assert.ok((await start()).result);
        const { error } = await start();
        assert.equal(
          error?.message,
          `Limit per ${answer.params.limit_type} has been exceeded. Value of current limit per ${answer.params.limit_type} is 2`,
        );
        assert.deepEqual(await refusal(), answer);
        assert.ok((await start(unlike)).result);
        await it.clock.advance(29_999);
        assert.deepEqual(await refusal(), answer);
        await it.clock.advance(1);
        assert.ok((await start()).result, 'the first one is a minute ago');
        assert.deepEqual(await refusal(), answer);
      });

    test('simultaneous_calls: until a call ends, also when it ends before it is answered', async () => {
      await setLimits({ simultaneousCalls: 2 });
      const answers = await Promise.all([start(), start(), start(), start()]);
      assert.equal(answers.filter(({ result }) => result).length, 2, 'whatever comes at once');
      assert.deepEqual(await refusal(), exceeded('simultaneous_calls', 2));
      tell(237859081, { type: 'callEnded' });
      tell(237859081, { type: 'callEnded' });
      assert.ok((await start()).result);
      assert.deepEqual(await refusal(), exceeded('simultaneous_calls', 2));
      it.calls.failure = new Error('the disk is full');
      tell(237859082, { type: 'callEnded' });
      assert.equal((await refusal()).mnemonic, 'internal_error');
      it.calls.failure = undefined;
      assert.ok((await start()).result, 'a call that could not begin holds nothing');
    });

    test('minutes_per_day: talks are ended when they run out, calls refused until midnight', async () => {
      await setLimits({ minutesPerDay: 3 });
      assert.ok((await start()).result);
      const id = 237859081;
      const call = { accountId: it.account.id, call: {} as never, events: [] };
      it.calls.live.set(id, call);
      tell(id, { type: 'legAnswered', legId: 1 });
      await it.clock.advance(60_000);
      tell(id, { type: 'legAnswered', legId: 2 });
      await it.clock.advance(59_998);
      assert.deepEqual(it.calls.released, []);
      await it.clock.advance(2);
      assert.deepEqual(it.calls.released, [id]);
      tell(id, { type: 'legEnded', legId: 1 });
      tell(id, { type: 'legEnded', legId: 2 });
      tell(id, { type: 'callEnded' });
      assert.deepEqual(await refusal(), exceeded('minutes_per_day', 3));
      // The clock stood at 12:30:15 in Moscow.
      await it.clock.advance(11 * 3_600_000 + 27 * 60_000);
      assert.deepEqual(await refusal(), exceeded('minutes_per_day', 3));
      await it.clock.advance(60_000);
      assert.ok((await start()).result);
    });

    test('one account uses up nothing of another', async () => {
      await setLimits({ simultaneousCalls: 1 });
      await start();
      assert.equal((await refusal()).mnemonic, 'limit_exceeded');
      const other = { access_token: 'token-of-account-two', virtual_phone_number: '74993720695' };
      assert.ok((await start(other)).result);
      assert.ok((await start(other)).result);
    });
  });
});
