import { z } from 'zod';
import type { Employee } from '../../../store/data-store.ts';
import { ApiError } from '../../errors.ts';
import { defineMethod } from '../../method.ts';
import { dataParams } from '../data-method.ts';
import {
  administers,
  assertRoom,
  created,
  idOf,
  mayStay,
  noneOfThatId,
  notFound,
  nothing,
  textUpTo,
  tooMany,
} from '../entities.ts';

const name = textUpTo(100);
const firstName = name.describe('as `Иван`');
const lastName = name.describe('as `Иванов`');
const details = {
  patronymic: name.nullable().optional().describe('as `Иванович`'),
  login: name.nullable().optional().describe('for people: nobody logs in with it'),
  email: textUpTo(255).nullable().optional().describe('for people'),
  extension: z
    .string()
    .regex(/^[0-9]{1,5}$/)
    .nullable()
    .optional()
    .describe('up to 5 digits'),
};

export const createEmployee = defineMethod({
  ...administers,
  name: 'create.employees',
  summary: 'Adds an employee, who may be given SIP lines.',
  params: dataParams({ first_name: firstName, last_name: lastName, ...details }),
  result: created,
  errors: [tooMany],

  async run({ params, caller: { account }, parts: { store } }) {
    assertRoom(await store.employees.list(account.id));
    const employee = await store.employees.add(account.id, {
      firstName: params.first_name,
      lastName: params.last_name,
      patronymic: params.patronymic ?? null,
      login: params.login ?? null,
      email: params.email ?? null,
      extension: params.extension ?? null,
    });
    return { id: employee.id };
  },
});

export const updateEmployee = defineMethod({
  ...administers,
  name: 'update.employees',
  summary: 'Changes an employee; what is left out stays, null clears.',
  params: dataParams({
    id: idOf('get.employees'),
    first_name: mayStay(firstName),
    last_name: mayStay(lastName),
    ...details,
  }),
  result: nothing,
  errors: [noneOfThatId],

  async run({ params, caller: { account }, parts: { store } }) {
    const known = await store.employees.find(account.id, params.id);
    if (known === undefined) throw notFound('id', params.id);
    const kept = <Value>(sent: Value | undefined, stored: Value): Value =>
      sent === undefined ? stored : sent;
    const changed: Employee = {
      id: known.id,
      firstName: kept(params.first_name, known.firstName),
      lastName: kept(params.last_name, known.lastName),
      patronymic: kept(params.patronymic, known.patronymic),
      login: kept(params.login, known.login),
      email: kept(params.email, known.email),
      extension: kept(params.extension, known.extension),
    };
    await store.employees.update(account.id, changed);
    return {};
  },
});

export const deleteEmployee = defineMethod({
  ...administers,
  name: 'delete.employees',
  summary: 'Removes an employee.',
  params: dataParams({ id: idOf('get.employees') }),
  result: nothing,
  errors: [
    noneOfThatId,
    { mnemonic: 'dependency_error', when: 'the employee has SIP lines: delete them first' },
  ],

  async run({ params: { id }, caller: { account }, parts: { store } }) {
    if ((await store.employees.find(account.id, id)) === undefined) throw notFound('id', id);
    const lines = await store.sipLines.list(account.id);
    if (lines.some(({ employeeId }) => employeeId === id))
      throw new ApiError('dependency_error', { field: 'id', value: id });
    await store.employees.remove(account.id, id);
    return {};
  },
});
