// Made by `npm run docs` from the definitions in src/api: change it there.
// biome-ignore-all format: generated

/** The Call API, `POST /v4.0`. */
export type CallApi = {
  /** Issues a session token. */
  readonly 'login.user': {
    readonly params: {
      /** of a user with the right to the Call API */
      readonly login: string;
      /** of that user */
      readonly password: string;
    };
    readonly result: {
      /** for all other methods */
      readonly access_token: string;
      /** Unix seconds: one hour from now, however much it is used */
      readonly expire_at: number;
    };
  };
  /** Drops a session token at once. */
  readonly 'logout.user': {
    readonly params: Readonly<Record<string, never>>;
    readonly result: {
      readonly success: true;
    };
  };
  /** Rings two numbers one after the other, plays each what it should hear, and connects them. The answer comes as soon as the call is stored, before anybody answers; what happens then is told by list.calls and by the event stream. */
  readonly 'start.simple_call': {
    readonly params: {
      /** who is rung first */
      readonly first_call: 'contact' | 'operator';
      /** connect at the second answer instead of letting messages end */
      readonly switch_at_once?: boolean | null | undefined;
      /** the operator hears the contact's line while it rings; only with `first_call: operator` and `switch_at_once: true` */
      readonly early_switching?: boolean | null | undefined;
      /** a file of the account or the system: heard while waiting, looped; left out: the system's `dialing_music` */
      readonly media_file_id?: number | null | undefined;
      /** an active number of the account: the caller, and what is presented where no number fits the rule */
      readonly virtual_phone_number: string;
      /** how the number that is presented is chosen: Numbers */
      readonly virtual_phone_usage_rule?: 'fixed' | 'fixed_for_numa' | 'random' | 'regional_random' | 'regional_fixed_for_numa' | null | undefined;
      /** false: the operator sees the contact's number */
      readonly show_virtual_phone_number?: boolean | null | undefined;
      /** E.164 digits without `+`, or the number of an employee's SIP line */
      readonly contact: string;
      /** given back in `list.calls` */
      readonly external_id?: string | null | undefined;
      /** keys sent to the contact, counted from its answer: `0-9 * #`, and `.` for a second without one */
      readonly dtmf_string?: string | null | undefined;
      /** a label */
      readonly direction?: 'in' | 'out' | null | undefined;
      /** as `contact` */
      readonly operator: string;
      /** the operator must press this key; `any`: whichever */
      readonly operator_confirmation?: string | null | undefined;
      /** played to the contact */
      readonly contact_message?: {
        /** `media`: a stored file; `tts`: a text to speak */
        readonly type: 'media' | 'tts';
        /** the id of a file **as a string**, or the text */
        readonly value: string;
      } | null | undefined;
      /** played to the operator */
      readonly operator_message?: {
        /** `media`: a stored file; `tts`: a text to speak */
        readonly type: 'media' | 'tts';
        /** the id of a file **as a string**, or the text */
        readonly value: string;
      } | null | undefined;
    };
    readonly result: {
      readonly call_session_id: number;
    };
  };
  /** The calls of the account that have not ended, oldest first. */
  readonly 'list.calls': {
    readonly params: {
      /** left out: both */
      readonly direction?: 'in' | 'out' | null | undefined;
      /** the number presented; begins with 7 */
      readonly virtual_phone_number?: string | null | undefined;
    };
    readonly result: readonly ({
      readonly call_session_id: number;
      readonly direction: 'in' | 'out';
      /** in the account's time zone, as `2026-10-19T12:26:48.418` */
      readonly start_time: string;
      /** the number presented */
      readonly virtual_phone_number: string;
      readonly contact_phone_number: string;
      readonly external_id: string | null;
      /** empty in this version */
      readonly tags: readonly ({
        readonly tag_id: number;
        readonly tag_name: string;
      })[];
      readonly legs: readonly ({
        readonly leg_id: number;
        /** the number shown to this party */
        readonly calling_phone_number: string;
        /** the number dialled; on the contact's leg with `dtmf_string` appended */
        readonly called_phone_number: string;
        readonly is_operator: boolean;
        /** null: the operator of a simple call is no employee */
        readonly employee_id: number | null;
        readonly employee_full_name: string | null;
        /** false in this version */
        readonly record_call_enabled: boolean;
        /** see the remarks */
        readonly state: 'Дозвон' | 'На очереди' | 'Разговор' | 'На удержании' | 'Разъединено';
      })[];
    })[];
  };
  /** Ends a call, in whatever phase it is: phones that ring stop, parties that talk are hung up. */
  readonly 'release.call': {
    readonly params: {
      /** from `start.simple_call` or `list.calls` */
      readonly call_session_id: number;
    };
    readonly result: {
      readonly success: 'true';
    };
  };
};

/** What `error.data.mnemonic` may be. */
export type Mnemonic =
  | 'access_token_blocked'
  | 'access_token_expired'
  | 'access_token_invalid'
  | 'account_inactive'
  | 'auth_error'
  | 'batch_opreations_not_supported'
  | 'call_direction_not_allowed'
  | 'call_session_not_found'
  | 'character_encoding_not_allowed'
  | 'component_disabled'
  | 'contact_in_blacklist'
  | 'data_type_error'
  | 'forbidden'
  | 'internal_error'
  | 'invalid_parameter_value'
  | 'invalid_parameters_combination'
  | 'invalid_request'
  | 'ip_not_whitelisted'
  | 'limit_exceeded'
  | 'media_file_not_found'
  | 'method_not_found'
  | 'notifications_not_supported'
  | 'own_virtual_phone_number_not_allowed'
  | 'parse_error'
  | 'required_parameter_missed'
  | 'tts_text_exceeded'
  | 'unexpected_parameters'
  | 'virtual_phone_number_not_found';
