import { sql } from 'kysely';
import type { Employee, EmployeeStore } from '../data-store.ts';
import type { Scope } from './scope.ts';

const columns = sql`id, login, first_name AS firstName, last_name AS lastName, patronymic, email, extension`;

/** Employees of accounts. */
export class SqliteEmployeeStore implements EmployeeStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly Employee[]> {
    const { rows } = await sql<Employee>`SELECT ${columns} FROM employee
      WHERE account_id = ${accountId} ORDER BY id`.execute(this.#scope.db);
    return rows;
  }

  async find(accountId: number, id: number): Promise<Employee | undefined> {
    const { rows } = await sql<Employee>`SELECT ${columns} FROM employee
      WHERE account_id = ${accountId} AND id = ${id}`.execute(this.#scope.db);
    return rows[0];
  }

  async add(accountId: number, employee: Omit<Employee, 'id'>): Promise<Employee> {
    const { login, firstName, lastName, patronymic, email, extension } = employee;
    const { rows } = await sql<Employee>`INSERT INTO employee
      (account_id, login, first_name, last_name, patronymic, email, extension) VALUES
      (${accountId}, ${login}, ${firstName}, ${lastName}, ${patronymic}, ${email}, ${extension})
      RETURNING ${columns}`.execute(this.#scope.db);
    return rows[0]!;
  }

  async update(accountId: number, employee: Employee): Promise<void> {
    const { id, login, firstName, lastName, patronymic, email, extension } = employee;
    await sql`UPDATE employee SET login = ${login}, first_name = ${firstName},
      last_name = ${lastName}, patronymic = ${patronymic}, email = ${email},
      extension = ${extension}
      WHERE account_id = ${accountId} AND id = ${id}`.execute(this.#scope.db);
  }

  async remove(accountId: number, id: number): Promise<void> {
    await sql`DELETE FROM employee WHERE account_id = ${accountId} AND id = ${id}`.execute(
      this.#scope.db,
    );
  }
}
