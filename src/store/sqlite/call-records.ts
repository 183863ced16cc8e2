import type { Cdr, LegRecord } from '../../model/cdr.ts';
import type { HangupCause } from '../../model/hangup-cause.ts';
import type { LegQuality } from '../../model/leg-quality.ts';
import type { Role } from '../../model/party.ts';
import type { SqliteConnection } from './connection.ts';
import type { Schema } from './schema.ts';

type CallRow = Schema['call_record'];
type LegRow = Schema['leg_record'];

const callColumns: readonly (keyof CallRow)[] = [
  'call_session_id',
  'account_id',
  'source',
  'direction',
  'virtual_number',
  'contact',
  'operator',
  'external_id',
  'started_at',
  'talk_started_at',
  'ended_at',
  'cause',
  'finish_reason',
  'contact_answered_at',
  'operator_answered_at',
];

const legColumns: readonly (keyof LegRow)[] = [
  'leg_id',
  'call_session_id',
  'account_id',
  'role',
  'trunk',
  'calling_number',
  'called_number',
  'dialed_at',
  'ringing_at',
  'early_media_at',
  'answered_at',
  'confirmed_at',
  'no_audio_ms',
  'ended_at',
  'ended_by',
  'cause',
  'finish_reason',
  'quality',
];

/** Records of ended calls and of their legs, one row each. Raw statements: every call passes here. */
export class CallRecords {
  readonly #connection: SqliteConnection;

  constructor(connection: SqliteConnection) {
    this.#connection = connection;
  }

  /** Within the caller's transaction. Saved again, a record replaces itself and its legs. */
  save(cdr: Cdr): void {
    const call = fromCdr(cdr);
    this.#insert('call_record', callColumns).run(...callColumns.map((column) => call[column]));
    const insertLeg = this.#insert('leg_record', legColumns);
    for (const record of cdr.legs) {
      const leg = fromLeg(record, cdr);
      insertLeg.run(...legColumns.map((column) => leg[column]));
    }
  }

  find(callSessionId: number): Cdr | undefined {
    const row = this.#connection
      .prepare('SELECT * FROM call_record WHERE call_session_id = ?')
      .get(callSessionId) as CallRow | undefined;
    return row && this.#toCdr(row);
  }

  /** Newest first: ids are given in the order of the calls, and the index serves that order. */
  list(accountId: number, { limit, offset }: { limit: number; offset: number }): Cdr[] {
    const rows = this.#connection
      .prepare(
        `SELECT * FROM call_record WHERE account_id = ?
         ORDER BY call_session_id DESC LIMIT ? OFFSET ?`,
      )
      .all(accountId, limit, offset) as CallRow[];
    return rows.map((row) => this.#toCdr(row));
  }

  /** The columns by name, so that a later migration may add some. */
  #insert(table: string, columns: readonly string[]) {
    const places = columns.map(() => '?').join(', ');
    return this.#connection.prepare(
      `INSERT OR REPLACE INTO ${table} (${columns.join(', ')}) VALUES (${places})`,
    );
  }

  #toCdr(row: CallRow): Cdr {
    const legs = this.#connection
      .prepare('SELECT * FROM leg_record WHERE call_session_id = ? ORDER BY leg_id')
      .all(row.call_session_id) as LegRow[];
    return {
      callSessionId: row.call_session_id,
      accountId: row.account_id,
      source: row.source as Cdr['source'],
      direction: row.direction as Cdr['direction'],
      virtualNumber: row.virtual_number,
      contact: row.contact,
      operator: row.operator,
      externalId: row.external_id,
      startedAt: row.started_at,
      talkStartedAt: row.talk_started_at,
      endedAt: row.ended_at,
      cause: JSON.parse(row.cause) as HangupCause,
      finishReason: row.finish_reason as Cdr['finishReason'],
      legs: legs.map(toLeg),
    };
  }
}

function fromCdr(cdr: Cdr): CallRow {
  return {
    call_session_id: cdr.callSessionId,
    account_id: cdr.accountId,
    source: cdr.source,
    direction: cdr.direction,
    virtual_number: cdr.virtualNumber,
    contact: cdr.contact,
    operator: cdr.operator,
    external_id: cdr.externalId,
    started_at: cdr.startedAt,
    talk_started_at: cdr.talkStartedAt,
    ended_at: cdr.endedAt,
    cause: JSON.stringify(cdr.cause),
    finish_reason: cdr.finishReason,
    contact_answered_at: answeredAt(cdr, 'contact'),
    operator_answered_at: answeredAt(cdr, 'operator'),
  };
}

function answeredAt({ legs }: Cdr, role: Role): number | null {
  return legs.find((leg) => leg.role === role && leg.answeredAt !== null)?.answeredAt ?? null;
}

function fromLeg(leg: LegRecord, { callSessionId, accountId }: Cdr): LegRow {
  return {
    leg_id: leg.legId,
    call_session_id: callSessionId,
    account_id: accountId,
    role: leg.role,
    trunk: leg.trunk,
    calling_number: leg.callingNumber,
    called_number: leg.calledNumber,
    dialed_at: leg.dialedAt,
    ringing_at: leg.ringingAt,
    early_media_at: leg.earlyMediaAt,
    answered_at: leg.answeredAt,
    confirmed_at: leg.confirmedAt,
    no_audio_ms: leg.noAudioMs,
    ended_at: leg.endedAt,
    ended_by: leg.endedBy,
    cause: JSON.stringify(leg.cause),
    finish_reason: leg.finishReason,
    quality: leg.quality === undefined ? null : JSON.stringify(leg.quality),
  };
}

function toLeg(row: LegRow): LegRecord {
  return {
    legId: row.leg_id,
    role: row.role as LegRecord['role'],
    trunk: row.trunk,
    callingNumber: row.calling_number,
    calledNumber: row.called_number,
    dialedAt: row.dialed_at,
    ringingAt: row.ringing_at,
    earlyMediaAt: row.early_media_at,
    answeredAt: row.answered_at,
    confirmedAt: row.confirmed_at,
    noAudioMs: row.no_audio_ms,
    endedAt: row.ended_at,
    endedBy: row.ended_by as LegRecord['endedBy'],
    cause: JSON.parse(row.cause) as HangupCause,
    finishReason: row.finish_reason as LegRecord['finishReason'],
    ...(row.quality !== null && { quality: JSON.parse(row.quality) as LegQuality }),
  };
}
