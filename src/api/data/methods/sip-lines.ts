import { z } from 'zod';
import { localDateTime } from '../../zone-time.ts';
import { defineList } from '../data-method.ts';
import { field } from '../fields.ts';
import { fullName } from './employees.ts';

type ShownTerminal = { readonly date_time: number; readonly ip: string };

/** The time of a registration is within the value, so the row has it as Unix seconds still. */
function showTerminals(value: unknown, timeZone: string): unknown {
  return (value as readonly ShownTerminal[]).map(({ date_time, ip }) => ({
    date_time: localDateTime(timeZone, date_time),
    ip,
  }));
}

export const getSipLines = defineList({
  name: 'get.sip_lines',
  component: 'va',
  summary: 'The SIP lines of the employees; their passwords are not kept.',
  fields: [
    field('id', 'number', 'f', 'line id'),
    field('phone_number', 'string', 'f', 'number and login of the phone'),
    field('type', 'enum', 'fs', '`in` without a virtual number, else `in_out`', {
      values: ['in', 'in_out'],
    }),
    field('channels_count', 'number', '', 'simultaneous calls'),
    field('dial_time', 'number', '', 'seconds it rings'),
    field('billing_state', 'enum', 'fs', 'set by `update.sip_lines`', {
      values: ['active', 'manual_lock', 'limit_lock'],
    }),
    field('physical_state', 'enum', 'fs', 'whether a phone is registered for it', {
      values: ['Зарегистрирован', 'Не зарегистрирован'],
    }),
    field('virtual_phone_number', 'string', 'fs', 'shown by its outgoing calls'),
    field('status', 'enum', 'fs', 'of the number among those of the employee', {
      values: ['active', 'inactive'],
    }),
    field('employee_id', 'number', 'fs', 'whose it is'),
    field('employee_full_name', 'string', 'f'),
    field('ip_addresses', 'array', 'f', 'of the phones registered, and since when', {
      show: showTerminals,
      schema: z.array(z.strictObject({ date_time: z.string(), ip: z.string() })),
    }),
  ],

  async rows({ caller: { account }, parts: { store, sip } }) {
    const employees = await store.employees.list(account.id);
    const names = new Map(employees.map((employee) => [employee.id, fullName(employee)]));
    return (await store.sipLines.list(account.id)).map((line) => {
      const terminals = sip.states.terminals(line.phoneNumber);
      return {
        id: line.id,
        phone_number: line.phoneNumber,
        type: line.virtualNumber === null ? 'in' : 'in_out',
        channels_count: line.channelsCount,
        dial_time: line.dialTime,
        billing_state: line.billingState,
        physical_state: terminals.length > 0 ? 'Зарегистрирован' : 'Не зарегистрирован',
        virtual_phone_number: line.virtualNumber,
        status: line.active ? 'active' : 'inactive',
        employee_id: line.employeeId,
        employee_full_name: names.get(line.employeeId) ?? null,
        ip_addresses: terminals.map(({ ip, registeredAt }) => ({
          date_time: Math.floor(registeredAt / 1000),
          ip,
        })),
      };
    });
  },
});

export const getSipLineNumbers = defineList({
  name: 'get.sip_line_virtual_numbers',
  component: 'va',
  summary: 'The numbers that a SIP line may show: the active ones of the account.',
  fields: [field('virtual_phone_number', 'string', 'f', 'E.164 digits')],
  async rows({ caller: { account }, parts: { store } }) {
    const numbers = await store.numbers.list(account.id);
    return numbers
      .filter(({ active }) => active)
      .map(({ number }) => ({ virtual_phone_number: number }));
  },
});
