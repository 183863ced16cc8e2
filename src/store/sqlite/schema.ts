import type { Generated } from 'kysely';
import type { SoundFormat } from '../../model/stored-sound.ts';

/** The tables as kysely sees them; made by `migrations/`. Booleans are 0 or 1, instants wall ms. */
export type Schema = {
  /** Customers of this installation; nearly every other row belongs to one. */
  account: {
    id: Generated<number>;
    name: string;
    active: number;
    time_zone: string;
    minute_limit: number;
    day_limit: number;
    tts_max_length: number;
    /** JSON array of component names. */
    disabled_components: string;
  };
  /** Who may log in; `login` is unique over all accounts. */
  api_user: {
    id: Generated<number>;
    account_id: number;
    login: string;
    password_hash: string;
    call_api: number;
    data_api: Generated<number>;
    administration: Generated<number>;
  };
  /** From where an account may be used: IP addresses and CIDR. */
  allowed_network: { account_id: number; network: string };
  /** What accounts have talked today; wall ms and ms. */
  minute_use: { account_id: number; day_ends_at: number; used_ms: number };
  /** Points used in the present minute and day of each account. */
  point_counter: {
    account_id: number;
    minute_starts_at: number;
    minute_ends_at: number;
    minute_used: number;
    day_starts_at: number;
    day_ends_at: number;
    day_used: number;
  };
  /** The requests of the API; `raw_id` and `body` are JSON. */
  api_request: {
    id: number;
    account_id: number;
    at: number;
    method: string;
    component: string;
    api_version: string;
    raw_id: string;
    external_id: string | null;
    ip: string;
    user_login: string;
    key_label: string | null;
    weight: number;
    error_code: number | null;
    error_mnemonic: string | null;
    execution_ms: number;
    call_session_id: number | null;
    body: string;
  };
  /** Session tokens and permanent keys; `token_hash` is SHA-256 in lower-case hex. */
  access_key: {
    id: Generated<number>;
    account_id: number;
    user_id: number;
    kind: 'session' | 'permanent';
    token_hash: string;
    label: string;
    /** Unix seconds. */
    expires_at: number | null;
    blocked: number;
  };
  /** Numbers that calls may present; unique over all accounts. */
  virtual_number: {
    number: string;
    account_id: number;
    active: number;
    label: string;
  };
  /** When a number was last used with a contact; `used_at` grows with every use of that contact. */
  number_use: { account_id: number; contact: string; number: string; used_at: number };
  /** The regulator's plan: E.164 numbers `first` to `last`, without overlaps. */
  numbering_range: { first: number; last: number; region_id: number };
  numbering_region: { id: Generated<number>; name: string };
  /** `rules`: JSON of SecurityRules. */
  account_security: { account_id: number; rules: string };
  /** Sound files by id; `content_hash` is SHA-256 in lower-case hex. */
  media_file: {
    id: Generated<number>;
    /** null: a system file. */
    account_id: number | null;
    name: string;
    path: string;
    content_hash: string;
    duration_ms: number;
    size_bytes: Generated<number>;
    normalized: Generated<number>;
    original_name: Generated<string>;
    /** Of the original, when browsers play it. */
    listen_format: SoundFormat | null;
  };
  /** Keys of the installation's own, by what they are for. */
  secret: { name: string; value: string };
  blacklist: { account_id: number; number: string };
  /** The first number of each kind that no process has reserved yet. */
  id_block: { kind: string; next: number };
  /** The inputs of every call in order, `data` as JSON: what recovery replays. */
  call_journal: {
    call_session_id: number;
    sequence: number;
    at: number;
    kind: string;
    data: string;
  };
  /** Calls whose journal has begun and has no `end`. */
  open_call: { call_session_id: number };
  /** One row per ended call. */
  call_record: {
    call_session_id: number;
    account_id: number;
    source: string;
    direction: string;
    virtual_number: string;
    contact: string;
    operator: string;
    external_id: string | null;
    started_at: number;
    talk_started_at: number | null;
    ended_at: number;
    /** JSON of a HangupCause. */
    cause: string;
    finish_reason: string;
    /** When the party's first leg was answered. */
    contact_answered_at: number | null;
    operator_answered_at: number | null;
    // And `contact_region_id`, which a trigger fills and reports alone read.
  };
  /** One row per leg of an ended call. */
  leg_record: {
    leg_id: number;
    call_session_id: number;
    /** Of the call, so that an index has it beside the time. */
    account_id: number;
    role: string;
    trunk: string;
    calling_number: string;
    called_number: string;
    dialed_at: number;
    ringing_at: number | null;
    early_media_at: number | null;
    answered_at: number | null;
    confirmed_at: number | null;
    no_audio_ms: number;
    ended_at: number;
    ended_by: string;
    /** JSON of a HangupCause. */
    cause: string;
    finish_reason: string;
    /** JSON of a LegQuality. */
    quality: string | null;
  };
};
