import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Rights by API, digests of SIP lines in place of their passwords, what reports are searched by. */
export const administration: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...rights, ...sipLines, ...reports])
      await sql.raw(statement).execute(db);
  },
};

const rights = [
  'ALTER TABLE api_user DROP COLUMN rights',
  'ALTER TABLE api_user ADD COLUMN data_api INTEGER NOT NULL DEFAULT 1',
  'ALTER TABLE api_user ADD COLUMN administration INTEGER NOT NULL DEFAULT 0',
  // Until now the right to the one API was the right to the other.
  'UPDATE api_user SET data_api = call_api',
];

const sipLines = [
  // No method made a line before now.
  'DROP TABLE sip_line',
  `CREATE TABLE sip_line (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    employee_id INTEGER NOT NULL REFERENCES employee (id) ON DELETE CASCADE,
    phone_number TEXT NOT NULL UNIQUE,
    ha1_md5 TEXT NOT NULL,
    ha1_sha256 TEXT NOT NULL,
    virtual_number TEXT,
    channels_count INTEGER NOT NULL,
    dial_time INTEGER NOT NULL,
    billing_state TEXT NOT NULL,
    active INTEGER NOT NULL
  )`,
  'CREATE INDEX sip_line_account ON sip_line (account_id)',
  'CREATE INDEX sip_line_employee ON sip_line (employee_id)',
];

/** The last range that begins at the number or before it, if the number is within. */
const regionOf = (contact: string): string => `(SELECT CASE WHEN CAST(${contact} AS INTEGER) <= last
    THEN region_id END
  FROM numbering_range WHERE first <= CAST(${contact} AS INTEGER) ORDER BY first DESC LIMIT 1)`;

const reports = [
  // Of the numbering plan as it was at the time of the call: a report over a year looks up no number.
  'ALTER TABLE call_record ADD COLUMN contact_region_id INTEGER',
  `UPDATE call_record SET contact_region_id = ${regionOf('contact')}`,
  `CREATE TRIGGER call_record_region AFTER INSERT ON call_record BEGIN
    UPDATE call_record SET contact_region_id = ${regionOf('NEW.contact')}
    WHERE call_session_id = NEW.call_session_id;
  END`,
  // The request that began a call.
  `CREATE INDEX api_request_call ON api_request (call_session_id, id)
    WHERE call_session_id IS NOT NULL`,
  // The call that an id of the client's stands for.
  `CREATE INDEX call_record_external ON call_record (account_id, external_id, call_session_id)
    WHERE external_id IS NOT NULL`,
];
