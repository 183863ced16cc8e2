import { sql } from 'kysely';
import type { SipLine, SipLineStore } from '../data-store.ts';
import type { Scope } from './scope.ts';

type Row = Omit<SipLine, 'active' | 'digests'> & {
  readonly active: number;
  readonly accountId: number;
  readonly md5: string;
  readonly sha256: string;
};

const columns = sql`id, account_id AS accountId, employee_id AS employeeId,
  phone_number AS phoneNumber, ha1_md5 AS md5, ha1_sha256 AS sha256, virtual_number AS virtualNumber,
  channels_count AS channelsCount, dial_time AS dialTime, billing_state AS billingState, active`;

/** SIP lines of employees. */
export class SqliteSipLineStore implements SipLineStore {
  readonly #scope: Scope;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  async list(accountId: number): Promise<readonly SipLine[]> {
    const { rows } = await sql<Row>`SELECT ${columns} FROM sip_line
      WHERE account_id = ${accountId} ORDER BY id`.execute(this.#scope.db);
    return rows.map(toLine);
  }

  async find(accountId: number, id: number): Promise<SipLine | undefined> {
    const { rows } = await sql<Row>`SELECT ${columns} FROM sip_line
      WHERE account_id = ${accountId} AND id = ${id}`.execute(this.#scope.db);
    return rows[0] && toLine(rows[0]);
  }

  async byPhoneNumber(phoneNumber: string): Promise<(SipLine & { accountId: number }) | undefined> {
    const { rows } = await sql<Row>`SELECT ${columns} FROM sip_line
      WHERE phone_number = ${phoneNumber}`.execute(this.#scope.db);
    return rows[0] && toLine(rows[0]);
  }

  async add(accountId: number, line: Omit<SipLine, 'id'>): Promise<SipLine | undefined> {
    const { rows } = await sql<Row>`INSERT INTO sip_line (account_id, employee_id, phone_number,
      ha1_md5, ha1_sha256, virtual_number, channels_count, dial_time, billing_state, active) VALUES
      (${accountId}, ${line.employeeId}, ${line.phoneNumber}, ${line.digests.MD5},
       ${line.digests['SHA-256']}, ${line.virtualNumber}, ${line.channelsCount}, ${line.dialTime}, ${line.billingState},
       ${Number(line.active)})
      ON CONFLICT (phone_number) DO NOTHING RETURNING ${columns}`.execute(this.#scope.db);
    return rows[0] && toLine(rows[0]);
  }

  async update(accountId: number, line: SipLine): Promise<void> {
    await sql`UPDATE sip_line SET employee_id = ${line.employeeId},
      ha1_md5 = ${line.digests.MD5}, ha1_sha256 = ${line.digests['SHA-256']},
      virtual_number = ${line.virtualNumber}, channels_count = ${line.channelsCount},
      dial_time = ${line.dialTime}, billing_state = ${line.billingState},
      active = ${Number(line.active)}
      WHERE account_id = ${accountId} AND id = ${line.id}`.execute(this.#scope.db);
  }

  async remove(accountId: number, id: number): Promise<void> {
    await sql`DELETE FROM sip_line WHERE account_id = ${accountId} AND id = ${id}`.execute(
      this.#scope.db,
    );
  }
}

function toLine({ md5, sha256, active, ...row }: Row): SipLine & { accountId: number } {
  return { ...row, digests: { MD5: md5, 'SHA-256': sha256 }, active: active !== 0 };
}
