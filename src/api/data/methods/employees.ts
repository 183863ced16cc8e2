import { z } from 'zod';
import type { Employee, SipLine } from '../../../store/data-store.ts';
import type { ListRow } from '../../../store/list-query.ts';
import { defineList } from '../data-method.ts';
import { field } from '../fields.ts';

const statuses = [
  'available',
  'break',
  'do_not_disturb',
  'not_at_workplace',
  'not_at_work',
  'auto_out_call',
  'unknown',
];

const phones = z.array(
  z.strictObject({
    phone_id: z.int(),
    phone_number: z.string(),
    channels_count: z.int(),
    dial_time: z.int(),
    status: z.enum(['active', 'inactive']),
  }),
);

const extension = z.strictObject({
  extension_phone_number: z.string(),
  extension_voice_mail_enabled: z.literal(false),
  extension_queue_enabled: z.literal(false),
});

const noDirections = 'empty: directions are not limited by employee';

export const getEmployees = defineList({
  name: 'get.employees',
  summary: 'The employees of the account.',
  remarks: 'They are made by [create.employees](create.employees.md).',
  fields: [
    field('id', 'number', 'f', 'employee id'),
    field('login', 'string', 'fs'),
    field('first_name', 'string', 'fs'),
    field('last_name', 'string', 'fs'),
    field('patronymic', 'string', 's'),
    field('full_name', 'string', 'fs', 'last name, first name, patronymic'),
    field('status', 'enum', 'f', 'always `unknown`: nobody tells it', { values: statuses }),
    field('status_id', 'number', 'f', 'always null'),
    field('calls_available', 'boolean', 'fs', 'a phone of a SIP line of theirs is registered'),
    field('in_external_allowed_call_directions', 'array', 'f', noDirections),
    field('in_internal_allowed_call_directions', 'array', 'f', noDirections),
    field('out_external_allowed_call_directions', 'array', 'f', noDirections),
    field('out_internal_allowed_call_directions', 'array', 'f', noDirections),
    field('email', 'string', 'f'),
    field('call_recording', 'enum', 'f', 'always `off`', { values: ['all', 'in', 'out', 'off'] }),
    field('schedule_id', 'number', 'f', 'always null'),
    field('schedule_name', 'string', 'f', 'always null'),
    field('coach', 'object', 'f', 'always null'),
    field('groups', 'array', 'f', 'always empty'),
    field('phone_numbers', 'array', 'f', 'their SIP lines', { schema: phones }),
    field('extension', 'object', 'f', 'null: none', { schema: extension }),
  ],

  async rows({ caller: { account }, parts: { store, sip } }) {
    const lines = Map.groupBy(await store.sipLines.list(account.id), (line) => line.employeeId);
    const isRegistered = ({ phoneNumber, active }: SipLine): boolean =>
      active && sip.states.terminals(phoneNumber).length > 0;
    const employees = await store.employees.list(account.id);
    return employees.map((employee) => {
      const own = lines.get(employee.id) ?? [];
      return { ...toRow(employee, own), calls_available: own.some(isRegistered) };
    });
  },
});

function toRow(employee: Employee, lines: readonly SipLine[]): ListRow {
  return {
    id: employee.id,
    login: employee.login,
    first_name: employee.firstName,
    last_name: employee.lastName,
    patronymic: employee.patronymic,
    full_name: fullName(employee),
    status: 'unknown',
    in_external_allowed_call_directions: [],
    in_internal_allowed_call_directions: [],
    out_external_allowed_call_directions: [],
    out_internal_allowed_call_directions: [],
    email: employee.email,
    call_recording: 'off',
    groups: [],
    phone_numbers: lines.map(({ id, phoneNumber, channelsCount, dialTime, active }) => ({
      phone_id: id,
      phone_number: phoneNumber,
      channels_count: channelsCount,
      dial_time: dialTime,
      status: active ? 'active' : 'inactive',
    })),
    extension:
      employee.extension === null
        ? null
        : {
            extension_phone_number: employee.extension,
            extension_voice_mail_enabled: false,
            extension_queue_enabled: false,
          },
  };
}

/** As the vendor writes it: the last name first. */
export function fullName({ lastName, firstName, patronymic }: Employee): string {
  return [lastName, firstName, patronymic ?? ''].filter((it) => it !== '').join(' ');
}
