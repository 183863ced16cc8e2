import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What the Data API lists: cards of numbers, tags, employees with their SIP lines, reports. */
export const dataApi: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...cards, ...tags, ...people, ...reports])
      await sql.raw(statement).execute(db);
  },
};

/**
 * Ids and notes of what had none. The triggers give an id to whatever is put in by any road:
 * configuration, command line or request.
 */
const cards = [
  // Kept when the number goes: a number that comes back has its id again, and no id means two numbers.
  'CREATE TABLE virtual_number_id (id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL UNIQUE)',
  'INSERT INTO virtual_number_id (number) SELECT number FROM virtual_number ORDER BY number',
  `CREATE TRIGGER virtual_number_added AFTER INSERT ON virtual_number BEGIN
    INSERT OR IGNORE INTO virtual_number_id (number) VALUES (NEW.number);
  END`,
  'ALTER TABLE virtual_number ADD COLUMN comment TEXT',
  'ALTER TABLE virtual_number ADD COLUMN activated_at INTEGER',
  `CREATE TABLE blacklist_card (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL,
    number TEXT NOT NULL,
    user_name TEXT,
    comment TEXT,
    added_at INTEGER,
    UNIQUE (account_id, number),
    FOREIGN KEY (account_id, number) REFERENCES blacklist (account_id, number) ON DELETE CASCADE
  )`,
  'INSERT INTO blacklist_card (account_id, number) SELECT account_id, number FROM blacklist',
  `CREATE TRIGGER blacklist_added AFTER INSERT ON blacklist BEGIN
    INSERT INTO blacklist_card (account_id, number) VALUES (NEW.account_id, NEW.number);
  END`,
];

const tags = [
  `CREATE TABLE tag (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    is_system INTEGER NOT NULL,
    UNIQUE (account_id, name)
  )`,
  // No foreign key to the call: a record that is saved again replaces itself, and would take its tags along.
  `CREATE TABLE call_tag (
    call_session_id INTEGER NOT NULL,
    tag_id INTEGER NOT NULL REFERENCES tag (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL,
    user_login TEXT NOT NULL,
    changed_at INTEGER NOT NULL,
    PRIMARY KEY (call_session_id, tag_id)
  ) WITHOUT ROWID`,
  'CREATE INDEX call_tag_tag ON call_tag (tag_id)',
];

const people = [
  `CREATE TABLE employee (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    login TEXT,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    patronymic TEXT,
    email TEXT,
    extension TEXT
  )`,
  'CREATE INDEX employee_account ON employee (account_id)',
  // RFC 8760 lets a registrar be asked in SHA-256 or MD5, of a realm that may change: each needs the password.
  `CREATE TABLE sip_line (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES account (id) ON DELETE CASCADE,
    employee_id INTEGER NOT NULL REFERENCES employee (id) ON DELETE CASCADE,
    phone_number TEXT NOT NULL UNIQUE,
    password TEXT NOT NULL,
    virtual_number TEXT,
    channels_count INTEGER NOT NULL,
    dial_time INTEGER NOT NULL,
    billing_state TEXT NOT NULL,
    active INTEGER NOT NULL
  )`,
  'CREATE INDEX sip_line_account ON sip_line (account_id)',
  'CREATE INDEX sip_line_employee ON sip_line (employee_id)',
];

const reports = [
  'ALTER TABLE call_record ADD COLUMN contact_answered_at INTEGER',
  'ALTER TABLE call_record ADD COLUMN operator_answered_at INTEGER',
  `UPDATE call_record SET
    contact_answered_at = (SELECT min(answered_at) FROM leg_record
      WHERE call_session_id = call_record.call_session_id AND role = 'contact'),
    operator_answered_at = (SELECT min(answered_at) FROM leg_record
      WHERE call_session_id = call_record.call_session_id AND role = 'operator')`,
  'ALTER TABLE leg_record ADD COLUMN account_id INTEGER',
  `UPDATE leg_record SET account_id =
    (SELECT account_id FROM call_record WHERE call_session_id = leg_record.call_session_id)`,
  // The id at the end lets the index alone give a page in a stable order.
  'CREATE INDEX call_record_time ON call_record (account_id, started_at, call_session_id)',
  'CREATE INDEX leg_record_time ON leg_record (account_id, dialed_at, leg_id)',
  // When a contact that was missed was next talked to.
  'CREATE INDEX call_record_contact ON call_record (account_id, contact, started_at) WHERE talk_started_at IS NOT NULL',
];
