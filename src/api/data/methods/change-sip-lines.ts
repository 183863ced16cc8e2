import { hash } from 'node:crypto';
import { z } from 'zod';
import { type Random, randomInt } from '../../../base/random.ts';
import { registrationRealm } from '../../../model/registration.ts';
import type { SipDigests, SipLine } from '../../../store/data-store.ts';
import type { Store } from '../../../store/store.ts';
import { ApiError } from '../../errors.ts';
import { defineMethod, type MethodError } from '../../method.ts';
import { wholeNumber } from '../../parameters.ts';
import { dataParams } from '../data-method.ts';
import { assertRoom, idOf, noneOfThatId, notFound, nothing, tooMany } from '../entities.ts';

/** 80 bits, in signs that every phone's keypad can enter. */
const passwordBytes = 10;
/** How often a number is drawn anew when it is taken already. */
const mostDraws = 20;
/** As the vendor's smallest tariff has it. */
const newLine = { channelsCount: 1, dialTime: 60, billingState: 'active', active: true } as const;
const mostChannels = 20;

const lineParams = {
  employee_id: idOf('get.employees'),
  virtual_phone_number: z.string().regex(/^7[0-9]{6,14}$/),
};
const password = z.string().describe('kept nowhere, so shown only now');

const notOfAccount: readonly MethodError[] = [
  { mnemonic: 'entity_not_found', when: 'no employee of that id' },
  { mnemonic: 'entity_not_found', when: 'no active number of the account' },
];

export const createSipLine = defineMethod({
  name: 'create.sip_lines',
  component: 'va',
  weight: 1,
  summary: 'Makes a SIP line of an employee, with a number and a password of its own.',
  params: dataParams({
    employee_id: lineParams.employee_id,
    virtual_phone_number: lineParams.virtual_phone_number
      .optional()
      .describe('shown by its outgoing calls; left out: it only takes calls'),
  }),
  result: z.strictObject({
    phone_number: z.string().describe('user name of the phone'),
    password,
    server: z.string().describe('where it registers: host and port'),
    id: z.int(),
  }),
  errors: [tooMany, ...notOfAccount],
  example: {
    params: { employee_id: 25, virtual_phone_number: '74993720692' },
    result: {
      phone_number: '0123456',
      password: '5e2d177214e498f0d20e',
      server: '198.51.100.7:5060',
      id: 55,
    },
  },
  remarks: `The phone registers by Digest (RFC 7616, RFC 8760) in the realm \`${registrationRealm}\`. Only digests of
its password for that realm are kept, one for MD5 and one for SHA-256.`,

  async run({ params, caller: { account }, parts: { store, random, sip } }) {
    const { employee_id: employeeId, virtual_phone_number: virtualNumber = null } = params;
    assertRoom(await store.sipLines.list(account.id));
    await assertOfAccount(store, account.id, { employeeId, virtualNumber });
    for (let draw = 0; draw < mostDraws; draw++) {
      const phoneNumber = `0${String(randomInt(random, 0, 999_999)).padStart(6, '0')}`;
      const secret = newPassword(random);
      const digests = digestsOf(phoneNumber, secret);
      const values = { ...newLine, employeeId, virtualNumber, phoneNumber, digests };
      const line = await store.sipLines.add(account.id, values);
      if (line !== undefined)
        return { phone_number: phoneNumber, password: secret, server: sip.server, id: line.id };
    }
    throw new ApiError('data_limit_exceeded');
  },
});

export const updateSipLine = defineMethod({
  name: 'update.sip_lines',
  component: 'va',
  weight: 1,
  summary: 'Changes a SIP line; what is left out stays.',
  params: dataParams({
    id: idOf('get.sip_lines'),
    employee_id: lineParams.employee_id,
    virtual_phone_number: lineParams.virtual_phone_number
      .nullable()
      .optional()
      .describe('shown by its outgoing calls; null: it only takes calls'),
    billing_state: z
      .enum(['active', 'manual_lock'])
      .optional()
      .describe('`manual_lock`: no phone may use it'),
    channels_count: wholeNumber.min(1).max(mostChannels).optional().describe('simultaneous calls'),
  }),
  result: nothing,
  errors: [noneOfThatId, ...notOfAccount],

  async run({ params, caller: { account }, parts: { store, sip } }) {
    const line = await findLine(store, account.id, params.id);
    const { employee_id: employeeId, virtual_phone_number: wanted } = params;
    await assertOfAccount(store, account.id, { employeeId, virtualNumber: wanted ?? null });
    await store.sipLines.update(account.id, {
      ...line,
      employeeId,
      virtualNumber: wanted === undefined ? line.virtualNumber : wanted,
      billingState: params.billing_state ?? line.billingState,
      channelsCount: params.channels_count ?? line.channelsCount,
    });
    if (params.billing_state === 'manual_lock') sip.states.forget(line.phoneNumber);
    return {};
  },
});

export const updateSipLinePassword = defineMethod({
  name: 'update.sip_line_password',
  component: 'va',
  weight: 1,
  summary: 'Gives a SIP line a new password; the old one is refused from then on.',
  params: dataParams({ id: idOf('get.sip_lines') }),
  result: z.strictObject({ password }),
  errors: [noneOfThatId],

  async run({ params: { id }, caller: { account }, parts: { store, random, sip } }) {
    const line = await findLine(store, account.id, id);
    const secret = newPassword(random);
    const digests = digestsOf(line.phoneNumber, secret);
    await store.sipLines.update(account.id, { ...line, digests });
    sip.states.forget(line.phoneNumber);
    return { password: secret };
  },
});

export const deleteSipLine = defineMethod({
  name: 'delete.sip_lines',
  component: 'va',
  weight: 1,
  summary: 'Removes a SIP line.',
  params: dataParams({ id: idOf('get.sip_lines') }),
  result: nothing,
  errors: [noneOfThatId],

  async run({ params: { id }, caller: { account }, parts: { store, sip } }) {
    const line = await findLine(store, account.id, id);
    await store.sipLines.remove(account.id, id);
    sip.states.forget(line.phoneNumber);
    return {};
  },
});

async function findLine(store: Store, accountId: number, id: number): Promise<SipLine> {
  const line = await store.sipLines.find(accountId, id);
  if (line === undefined) throw notFound('id', id);
  return line;
}

async function assertOfAccount(
  store: Store,
  accountId: number,
  { employeeId, virtualNumber }: Pick<SipLine, 'employeeId' | 'virtualNumber'>,
): Promise<void> {
  if ((await store.employees.find(accountId, employeeId)) === undefined)
    throw notFound('employee_id', employeeId);
  if (virtualNumber === null) return;
  const number = await store.numbers.find(virtualNumber);
  if (number?.accountId !== accountId || !number.active)
    throw notFound('virtual_phone_number', virtualNumber);
}

function newPassword(random: Random): string {
  return random.hex(passwordBytes);
}

function digestsOf(phoneNumber: string, password: string): SipDigests {
  const text = `${phoneNumber}:${registrationRealm}:${password}`;
  return { MD5: hash('md5', text, 'hex'), 'SHA-256': hash('sha256', text, 'hex') };
}
