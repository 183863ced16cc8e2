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

/** The Data API, `POST /v2.0`. */
export type DataApi = {
  /** Issues a session token for one hour. */
  readonly 'login.user': {
    readonly params: {
      /** of a user with the right to the Data API */
      readonly login: string;
      /** of that user */
      readonly password: string;
    };
    readonly result: {
      /** for all other methods */
      readonly access_token: string;
      /** Unix seconds: one hour from now, however much it is used */
      readonly expire_at: number;
      /** id of the account */
      readonly app_id: number;
    };
  };
  /** Drops a session token at once. */
  readonly 'logout.user': {
    readonly params: Readonly<Record<string, never>>;
    readonly result: Readonly<Record<string, never>>;
  };
  /** The account of the token: an array of one. */
  readonly 'get.account': {
    readonly params: Readonly<Record<string, never>>;
    readonly result: readonly ({
      /** id of the account */
      readonly app_id: number;
      readonly name: string;
      /** IANA zone, in which all dates and times are */
      readonly timezone: string;
    })[];
  };
  /** The numbers that calls of the account may show. */
  readonly 'get.virtual_numbers': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** number id */
      readonly id?: number | null | null | undefined;
      /** E.164 digits */
      readonly virtual_phone_number?: string | null | null | undefined;
      /** always null: there are no linked numbers */
      readonly redirection_phone_number?: string | null | null | undefined;
      /** null for a number of the configuration */
      readonly activation_date?: string | null | null | undefined;
      /** `active`, or `manual_lock` when switched off */
      readonly status?: 'active' | 'waiting' | 'cleaning' | 'prereserved' | 'reserved' | 'manual_lock' | 'limit_lock' | null | null | undefined;
      /** always `usual` */
      readonly category?: 'usual' | 'bronze' | 'silver' | 'gold' | 'platinum' | null | null | undefined;
      /** always `va` */
      readonly type?: 'va' | 'call_tracking' | 'dynamic_call_tracking' | null | null | undefined;
      readonly comment?: string | null | null | undefined;
      /** the label of the configuration */
      readonly name?: string | null | null | undefined;
      /** always empty */
      readonly scenarios?: readonly (unknown)[] | null | null | undefined;
    })[];
  };
  /** The sound files that calls of the account may play: its own and those of the system. */
  readonly 'get.media_files': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** `media_file_id` of calls */
      readonly id?: number | null | null | undefined;
      /** unique among what the account sees */
      readonly name?: string | null | null | undefined;
      /** seconds, at least 1 */
      readonly duration?: number | null | null | undefined;
      /** a URL that plays in a browser, for an hour or as configured */
      readonly play_link?: string | null | null | undefined;
      /** brought to the usual loudness */
      readonly normalization?: boolean | null | null | undefined;
      /** bytes of the file as it came */
      readonly size?: number | null | null | undefined;
      /** system files cannot be changed */
      readonly type?: 'system' | 'user' | null | null | undefined;
    })[];
  };
  /** The numbers, and prefixes of numbers, that no call of the account rings. */
  readonly 'get.blacklist_phone_numbers': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** entry id */
      readonly id?: number | null | null | undefined;
      /** a prefix ends in `*` */
      readonly phone_number?: string | null | null | undefined;
      /** login of who added it; null: the configuration did */
      readonly add_user_name?: string | null | null | undefined;
      readonly add_comment?: string | null | null | undefined;
      /** null: put in by the configuration */
      readonly add_date_time?: string | null | null | undefined;
    })[];
  };
  /** Lets no call of the account ring a number from now on. */
  readonly 'create.phone_number_to_blacklist': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** a number, or a prefix with `*` at its end */
      readonly phone_number: string;
      /** for people */
      readonly add_comment?: string | null | undefined;
    };
    readonly result: {
      readonly id: number;
      readonly phone_number: string;
    };
  };
  /** Lets calls ring a number again. */
  readonly 'delete.phone_number_from_blacklist': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.blacklist_phone_numbers` */
      readonly id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** The tags that calls of the account may be given. */
  readonly 'get.tags': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** tag id */
      readonly id?: number | null | null | undefined;
      readonly name?: string | null | null | undefined;
      /** system tags cannot be deleted */
      readonly is_system?: boolean | null | null | undefined;
    })[];
  };
  /** Makes a tag. */
  readonly 'create.tags': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** unique in the account */
      readonly name: string;
    };
    readonly result: {
      readonly id: number;
    };
  };
  /** Gives a tag another name, on the calls that have it too. */
  readonly 'update.tags': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.tags` */
      readonly id: number;
      /** unique in the account */
      readonly name?: string | null | undefined;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Removes a tag, and takes it off the calls that have it. */
  readonly 'delete.tags': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.tags` */
      readonly id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Puts a tag on an ended call. */
  readonly 'set.tag_communications': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** `communication_id` of `get.calls_report`; wins over `communication_ext_id` */
      readonly communication_id?: number | null | undefined;
      /** the `external_id` a call was started with; the latest such call is meant */
      readonly communication_ext_id?: string | null | undefined;
      /** there are only calls here */
      readonly communication_type: 'chat' | 'call' | 'goal' | 'offline_message';
      /** of `get.tags` */
      readonly tag_id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Takes a tag off an ended call. */
  readonly 'unset.tag_communications': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** `communication_id` of `get.calls_report`; wins over `communication_ext_id` */
      readonly communication_id?: number | null | undefined;
      /** the `external_id` a call was started with; the latest such call is meant */
      readonly communication_ext_id?: string | null | undefined;
      /** there are only calls here */
      readonly communication_type: 'chat' | 'call' | 'goal' | 'offline_message';
      /** of `get.tags` */
      readonly tag_id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** The calls that began within an interval of at most three months. */
  readonly 'get.calls_report': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
      /** `YYYY-MM-DD hh:mm:ss` in the time of the account */
      readonly date_from: string;
      /** the same; this second is within */
      readonly date_till: string;
      /** calls that have not ended are among the rows */
      readonly include_ongoing_calls?: boolean | null | undefined;
    };
    readonly result: readonly ({
      /** call session id */
      readonly id?: number | null | null | undefined;
      /** session start */
      readonly start_time?: string | null | null | undefined;
      /** session end */
      readonly finish_time?: string | null | null | undefined;
      /** why it ended */
      readonly finish_reason?: 'numb_not_exists' | 'incorrect_input' | 'numb_is_inactive' | 'sitephone_is_not_configured' | 'app_is_inactive' | 'numa_in_black_list' | 'no_active_scenario' | 'simple_forwarding_is_not_configured' | 'site_not_exists' | 'call_generator_is_not_configured' | 'add_cdr_timeout' | 'success_finish' | 'api_permission_denied' | 'api_ip_now_allowed' | 'component_is_inactive' | 'employee_not_exists' | 'not_enough_money' | 'platform_not_found' | 'internal_error' | 'incorrect_config' | 'communication_unavailable' | 'subscriber_disconnects' | 'no_operation' | 'scenario_not_found' | 'transfer_disconnects' | 'scenario_disconnects' | 'fax_session_done' | 'no_resources' | 'another_operator_answer' | 'subscriber_busy' | 'subscriber_not_responsible' | 'subscriber_number_problems' | 'operator_answer' | 'locked_numb' | 'call_not_allowed_on_tp' | 'account_not_found' | 'contract_not_found' | 'operator_busy' | 'operator_not_responsible' | 'operator_disconnects' | 'operator_number_problems' | 'timeout' | 'operator_channels_busy' | 'locked_phone' | 'max_in_call_reached' | 'max_out_call_reached' | 'employee_busy' | 'employee_busy_after_call' | 'phone_group_inactive_by_schedule' | 'sip_offline' | 'employee_inactive' | 'employee_inactive_by_schedule' | 'employee_phone_inactive' | 'employee_phone_inactive_by_schedule' | 'action_interval_exceeded' | 'group_phone_inactive' | 'no_operator_confirmation' | 'max_transition_count_exceeded' | 'disconnect_before_call_processing' | 'no_success_subscriber_call' | 'no_success_operator_call' | 'group_inactive_by_schedule' | 'net_lock' | 'fmc_is_disabled' | 'fmc_is_locked' | 'processing_method_not_found' | 'employee_without_phones' | 'group_without_phones' | 'no_operator_cdr_found' | 'in_call_not_allowed' | 'phone_protocol_not_allowed_by_status' | 'employee_status_break' | 'employee_status_do_not_disturb' | 'employee_status_not_at_workplace' | 'employee_status_not_at_work' | 'sip_trunk_is_locked' | 'numa_in_spam_list' | 'numa_dnd_interval' | 'limit_exceeded' | 'no_money' | 'out_call_not_allowed' | 'out_call_not_allowed_by_status' | 'external_call_not_allowed' | 'external_call_not_allowed_by_status' | 'internal_call_not_allowed' | 'internal_call_not_allowed_by_status' | 'call_enqueued' | 'employee_status_auto_out_call' | 'employee_status_available' | 'too_many_identical_incoming_calls' | 'employee_auto_status_do_not_disturb' | 'auto_out_calls_not_allowed_by_status' | null | null | undefined;
      /** in or out */
      readonly direction?: 'in' | 'out' | null | null | undefined;
      /** region id of the contact number */
      readonly cpn_region_id?: number | null | null | undefined;
      /** region name of the contact number */
      readonly cpn_region_name?: string | null | null | undefined;
      /** country of the contact number */
      readonly cpn_country_name?: string | null | null | undefined;
      /** country id of the contact number (typed string) */
      readonly cpn_country_id?: string | null | null | undefined;
      /** where the call came from */
      readonly source?: 'callapi' | 'callapi_management_call' | 'callapi_informer_call' | 'callapi_scenario_call' | 'va' | 'call_tracking' | 'dynamic_call_tracking' | 'faxout' | 'sip' | 'sitephone' | 'lead' | 'retailcrm' | 'amocrm' | 'bitrix' | 'auto_back_call_by_lost_call' | 'sip_trunk' | 'facebook_ads' | 'auto_back_call_by_offline_message' | 'private_number' | 'auto_out_calls' | 'ivr_informer' | 'upload_calls' | 'progressive_call' | 'simple_dt' | 'preserved_calls' | 'amocrm_extended_integration' | 'zoho' | 'mytarget_ads' | 'pipedrive' | 'hubspot' | 'smartis' | 'partner_integration' | 'vk_ads' | 'omni_widget' | null | null | undefined;
      /** lost or successful */
      readonly is_lost?: boolean | null | null | undefined;
      /** always empty for PBX sessions */
      readonly communication_number?: number | null | null | undefined;
      /** the outside party: caller of an in session, called number of an out session */
      readonly contact_phone_number?: string | null | null | undefined;
      /** communication id (key used in recording links and tag methods) */
      readonly communication_id?: number | null | null | undefined;
      /** always call */
      readonly communication_type?: string | null | null | undefined;
      /** seconds the contact waited before the first talk */
      readonly wait_duration?: number | null | null | undefined;
      /** seconds on the line without talking, all gaps */
      readonly total_wait_duration?: number | null | null | undefined;
      /** seconds from a missed call to the first successful one */
      readonly lost_call_processing_duration?: number | null | null | undefined;
      /** seconds from the first talk to post-processing */
      readonly talk_duration?: number | null | null | undefined;
      /** seconds of actual talk only */
      readonly clean_talk_duration?: number | null | null | undefined;
      /** seconds in all */
      readonly total_duration?: number | null | null | undefined;
      /** seconds of post-processing */
      readonly postprocess_duration?: number | null | null | undefined;
      /** recording link ids */
      readonly call_records?: readonly (unknown)[] | null | null | undefined;
      /** wav recording link ids */
      readonly wav_call_records?: readonly (unknown)[] | null | null | undefined;
      /** link to the whole recording */
      readonly full_record_file_link?: string | null | null | undefined;
      /** voice mail link ids */
      readonly voice_mail_records?: readonly (unknown)[] | null | null | undefined;
      /** own number */
      readonly virtual_phone_number?: string | null | null | undefined;
      /** was there a transfer */
      readonly is_transfer?: boolean | null | null | undefined;
      /** tags put on the call */
      readonly tags?: readonly (unknown)[] | null | null | undefined;
      /** employees who took part (empty for simple calls) */
      readonly employees?: readonly (unknown)[] | null | null | undefined;
      /** last employee who picked up */
      readonly last_answered_employee_id?: number | null | null | undefined;
      readonly last_answered_employee_full_name?: string | null | null | undefined;
      /** rating given by the contact */
      readonly last_answered_employee_rating?: number | null | null | undefined;
      /** first employee who picked up */
      readonly first_answered_employee_id?: number | null | null | undefined;
      readonly first_answered_employee_full_name?: string | null | null | undefined;
      /** last employee who talked */
      readonly last_talked_employee_id?: number | null | null | undefined;
      readonly last_talked_employee_full_name?: string | null | null | undefined;
      /** first employee who talked */
      readonly first_talked_employee_id?: number | null | null | undefined;
      readonly first_talked_employee_full_name?: string | null | null | undefined;
      /** number of the operator who took the call */
      readonly operator_phone_number?: string | null | null | undefined;
      /** scenario that began processing */
      readonly scenario_name?: string | null | null | undefined;
      readonly scenario_id?: number | null | null | undefined;
      /** `api_request_id` in `get.api_requests`; null while the call goes on */
      readonly call_api_request_id?: number | null | null | undefined;
      /** external_id passed to start.* */
      readonly call_api_external_id?: string | null | null | undefined;
      /** address book contact */
      readonly contact_id?: number | null | null | undefined;
      readonly contact_full_name?: string | null | null | undefined;
      /** id of an uploaded call in an outside system */
      readonly ext_id?: string | null | null | undefined;
    })[];
  };
  /** The legs dialled within an interval of at most three months, one row each. */
  readonly 'get.call_legs_report': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
      /** `YYYY-MM-DD hh:mm:ss` in the time of the account */
      readonly date_from: string;
      /** the same; this second is within */
      readonly date_till: string;
    };
    readonly result: readonly ({
      /** leg (CDR) id */
      readonly id?: number | null | null | undefined;
      /** session id */
      readonly call_session_id?: number | null | null | undefined;
      /** recording link ids */
      readonly call_records?: readonly (unknown)[] | null | null | undefined;
      /** wav recording link ids */
      readonly wav_call_records?: readonly (unknown)[] | null | null | undefined;
      /** leg start */
      readonly start_time?: string | null | null | undefined;
      /** answer time */
      readonly connect_time?: string | null | null | undefined;
      /** seconds from answer */
      readonly duration?: number | null | null | undefined;
      /** seconds from start */
      readonly total_duration?: number | null | null | undefined;
      /** why it ended */
      readonly finish_reason?: 'incorrect_input' | 'app_is_inactive' | 'component_is_inactive' | 'internal_error' | 'subscriber_disconnects' | 'no_operation' | 'scenario_not_found' | 'transfer_disconnects' | 'scenario_disconnects' | 'fax_session_done' | 'no_resources' | 'another_operator_answer' | 'subscriber_busy' | 'subscriber_not_responsible' | 'subscriber_number_problems' | 'operator_answer' | 'locked_numb' | 'call_not_allowed_on_tp' | 'account_not_found' | 'contract_not_found' | 'operator_busy' | 'operator_not_responsible' | 'operator_disconnects' | 'operator_number_problems' | 'timeout' | 'operator_channels_busy' | 'locked_phone' | 'max_in_call_reached' | 'max_out_call_reached' | 'employee_busy' | 'employee_busy_after_call' | 'phone_group_inactive_by_schedule' | 'sip_offline' | 'employee_inactive' | 'employee_inactive_by_schedule' | 'employee_phone_inactive' | 'employee_phone_inactive_by_schedule' | 'action_interval_exceeded' | 'group_phone_inactive' | 'max_transition_count_exceeded' | 'group_inactive_by_schedule' | 'fmc_is_disabled' | 'fmc_is_locked' | 'in_call_not_allowed' | 'phone_protocol_not_allowed_by_status' | 'employee_status_break' | 'employee_status_do_not_disturb' | 'employee_status_not_at_workplace' | 'employee_status_not_at_work' | 'sip_trunk_is_locked' | 'limit_exceeded' | 'no_money' | 'out_call_not_allowed' | 'out_call_not_allowed_by_status' | 'external_call_not_allowed' | 'external_call_not_allowed_by_status' | 'internal_call_not_allowed' | 'internal_call_not_allowed_by_status' | 'call_enqueued' | 'employee_status_auto_out_call' | 'employee_status_available' | 'employee_auto_status_do_not_disturb' | 'auto_out_calls_not_allowed_by_status' | 'employee_phone_not_found' | null | null | undefined;
      /** text of it */
      readonly finish_reason_description?: string | null | null | undefined;
      /** own number */
      readonly virtual_phone_number?: string | null | null | undefined;
      /** caller id shown */
      readonly calling_phone_number?: string | null | null | undefined;
      /** number called */
      readonly called_phone_number?: string | null | null | undefined;
      /** in or out */
      readonly direction?: 'in' | 'out' | null | null | undefined;
      /** transfer leg */
      readonly is_transfered?: boolean | null | null | undefined;
      /** operator leg */
      readonly is_operator?: boolean | null | null | undefined;
      /** employee called */
      readonly employee_id?: number | null | null | undefined;
      readonly employee_full_name?: string | null | null | undefined;
      readonly employee_phone_number?: string | null | null | undefined;
      /** rating from post-processing */
      readonly employee_rating?: number | null | null | undefined;
      readonly scenario_id?: number | null | null | undefined;
      readonly scenario_name?: string | null | null | undefined;
      /** coach leg */
      readonly is_coach?: boolean | null | null | undefined;
      /** Q.850 cause, deprecated */
      readonly release_cause_code?: number | null | null | undefined;
      /** its text, deprecated */
      readonly release_cause_description?: string | null | null | undefined;
      /** the party did not answer */
      readonly is_failed?: boolean | null | null | undefined;
      /** did a talk take place */
      readonly is_talked?: boolean | null | null | undefined;
      /** address book contact (typed id) */
      readonly contact_id?: number | null | null | undefined;
      readonly contact_full_name?: string | null | null | undefined;
      /** outside party */
      readonly contact_phone_number?: string | null | null | undefined;
      /** scenario operation that created the leg */
      readonly action_id?: number | null | null | undefined;
      readonly action_name?: string | null | null | undefined;
      /** group */
      readonly group_id?: number | null | null | undefined;
      readonly group_name?: string | null | null | undefined;
    })[];
  };
  /** The SIP lines of the employees; their passwords are not kept. */
  readonly 'get.sip_lines': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** line id */
      readonly id?: number | null | null | undefined;
      /** number and login of the phone */
      readonly phone_number?: string | null | null | undefined;
      /** `in` without a virtual number, else `in_out` */
      readonly type?: 'in' | 'in_out' | null | null | undefined;
      /** simultaneous calls */
      readonly channels_count?: number | null | null | undefined;
      /** seconds it rings */
      readonly dial_time?: number | null | null | undefined;
      /** set by `update.sip_lines` */
      readonly billing_state?: 'active' | 'manual_lock' | 'limit_lock' | null | null | undefined;
      /** whether a phone is registered for it */
      readonly physical_state?: 'Зарегистрирован' | 'Не зарегистрирован' | null | null | undefined;
      /** shown by its outgoing calls */
      readonly virtual_phone_number?: string | null | null | undefined;
      /** of the number among those of the employee */
      readonly status?: 'active' | 'inactive' | null | null | undefined;
      /** whose it is */
      readonly employee_id?: number | null | null | undefined;
      readonly employee_full_name?: string | null | null | undefined;
      /** of the phones registered, and since when */
      readonly ip_addresses?: readonly ({
        readonly date_time: string;
        readonly ip: string;
      })[] | null | null | undefined;
    })[];
  };
  /** Makes a SIP line of an employee, with a number and a password of its own. */
  readonly 'create.sip_lines': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.employees` */
      readonly employee_id: number;
      /** shown by its outgoing calls; left out: it only takes calls */
      readonly virtual_phone_number?: string | null | undefined;
    };
    readonly result: {
      /** user name of the phone */
      readonly phone_number: string;
      /** kept nowhere, so shown only now */
      readonly password: string;
      /** where it registers: host and port */
      readonly server: string;
      readonly id: number;
    };
  };
  /** Changes a SIP line; what is left out stays. */
  readonly 'update.sip_lines': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.sip_lines` */
      readonly id: number;
      /** of `get.employees` */
      readonly employee_id: number;
      /** shown by its outgoing calls; null: it only takes calls */
      readonly virtual_phone_number?: string | null | null | undefined;
      /** `manual_lock`: no phone may use it */
      readonly billing_state?: 'active' | 'manual_lock' | null | undefined;
      /** simultaneous calls */
      readonly channels_count?: number | null | undefined;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Gives a SIP line a new password; the old one is refused from then on. */
  readonly 'update.sip_line_password': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.sip_lines` */
      readonly id: number;
    };
    readonly result: {
      /** kept nowhere, so shown only now */
      readonly password: string;
    };
  };
  /** Removes a SIP line. */
  readonly 'delete.sip_lines': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.sip_lines` */
      readonly id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** The numbers that a SIP line may show: the active ones of the account. */
  readonly 'get.sip_line_virtual_numbers': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** E.164 digits */
      readonly virtual_phone_number?: string | null | null | undefined;
    })[];
  };
  /** The employees of the account. */
  readonly 'get.employees': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** employee id */
      readonly id?: number | null | null | undefined;
      readonly login?: string | null | null | undefined;
      readonly first_name?: string | null | null | undefined;
      readonly last_name?: string | null | null | undefined;
      readonly patronymic?: string | null | null | undefined;
      /** last name, first name, patronymic */
      readonly full_name?: string | null | null | undefined;
      /** always `unknown`: nobody tells it */
      readonly status?: 'available' | 'break' | 'do_not_disturb' | 'not_at_workplace' | 'not_at_work' | 'auto_out_call' | 'unknown' | null | null | undefined;
      /** always null */
      readonly status_id?: number | null | null | undefined;
      /** a phone of a SIP line of theirs is registered */
      readonly calls_available?: boolean | null | null | undefined;
      /** empty: directions are not limited by employee */
      readonly in_external_allowed_call_directions?: readonly (unknown)[] | null | null | undefined;
      /** empty: directions are not limited by employee */
      readonly in_internal_allowed_call_directions?: readonly (unknown)[] | null | null | undefined;
      /** empty: directions are not limited by employee */
      readonly out_external_allowed_call_directions?: readonly (unknown)[] | null | null | undefined;
      /** empty: directions are not limited by employee */
      readonly out_internal_allowed_call_directions?: readonly (unknown)[] | null | null | undefined;
      readonly email?: string | null | null | undefined;
      /** always `off` */
      readonly call_recording?: 'all' | 'in' | 'out' | 'off' | null | null | undefined;
      /** always null */
      readonly schedule_id?: number | null | null | undefined;
      /** always null */
      readonly schedule_name?: string | null | null | undefined;
      /** always null */
      readonly coach?: Readonly<Record<string, unknown>> | null | null | undefined;
      /** always empty */
      readonly groups?: readonly (unknown)[] | null | null | undefined;
      /** their SIP lines */
      readonly phone_numbers?: readonly ({
        readonly phone_id: number;
        readonly phone_number: string;
        readonly channels_count: number;
        readonly dial_time: number;
        readonly status: 'active' | 'inactive';
      })[] | null | null | undefined;
      /** null: none */
      readonly extension?: {
        readonly extension_phone_number: string;
        readonly extension_voice_mail_enabled: false;
        readonly extension_queue_enabled: false;
      } | null | null | undefined;
    })[];
  };
  /** The requests of both APIs within an interval of at most 366 days. */
  readonly 'get.api_requests': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
      /** accepted and ignored: there are no stored reports */
      readonly report_id?: number | null | undefined;
      /** `YYYY-MM-DD hh:mm:ss` in the time of the account */
      readonly date_from: string;
      /** the same; this second is within */
      readonly date_till: string;
    };
    readonly result: readonly ({
      /** number of the request in this report */
      readonly api_request_id?: number | null | null | undefined;
      /** label of the permanent key; null: a session token */
      readonly token_name?: string | null | null | undefined;
      /** of the client */
      readonly api_request_ip?: string | null | null | undefined;
      /** of the user */
      readonly employee_login?: string | null | null | undefined;
      /** the call it began or was about */
      readonly call_session_id?: number | null | null | undefined;
      /** without tokens and passwords */
      readonly api_request_body?: string | null | null | undefined;
      readonly api_request_method?: string | null | null | undefined;
      /** the `id` that was sent */
      readonly api_request_raw_id?: string | null | null | undefined;
      /** filters compare `value_id` */
      readonly api_request_status?: {
        readonly value: string;
        readonly value_id: 'success' | 'failure';
      } | null | null | undefined;
      /** without the `v` */
      readonly api_request_version?: string | null | null | undefined;
      /** always `{"value":"Нет","value_id":false}` */
      readonly api_request_is_agent?: {
        readonly value: string;
        readonly value_id: false;
      } | null | null | undefined;
      /** filters compare `value_id` */
      readonly api_request_component?: {
        readonly value: string;
        readonly value_id: 'callapi' | 'dataapi';
      } | null | null | undefined;
      /** null: it succeeded */
      readonly api_request_error_code?: number | null | null | undefined;
      /** the `external_id` that was sent */
      readonly api_request_raw_ext_id?: string | null | null | undefined;
      /** points; of failures too, which cost none */
      readonly api_request_method_weight?: number | null | null | undefined;
      /** null: it succeeded */
      readonly api_request_error_mnemonic?: string | null | null | undefined;
      /** seconds */
      readonly api_request_execution_time?: number | null | null | undefined;
      /** when it arrived */
      readonly api_request_start_date_time?: string | null | null | undefined;
    })[];
  };
  /** Gives the account a number that its calls may show. */
  readonly 'create.virtual_numbers': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** E.164 digits without + */
      readonly virtual_phone_number: string;
      /** for people; null: none */
      readonly name?: string | null | null | undefined;
      /** for people; null: none */
      readonly comment?: string | null | null | undefined;
    };
    readonly result: {
      readonly id: number;
    };
  };
  /** Changes a virtual number; what is left out stays. */
  readonly 'update.virtual_numbers': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.virtual_numbers` */
      readonly id: number;
      /** whether calls may show it; running ones go on */
      readonly status?: 'active' | 'manual_lock' | null | undefined;
      /** for people; null: none */
      readonly name?: string | null | null | undefined;
      /** for people; null: none */
      readonly comment?: string | null | null | undefined;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Takes a virtual number from the account. */
  readonly 'delete.virtual_numbers': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.virtual_numbers` */
      readonly id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Adds an employee, who may be given SIP lines. */
  readonly 'create.employees': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** as `Иван` */
      readonly first_name: string;
      /** as `Иванов` */
      readonly last_name: string;
      /** as `Иванович` */
      readonly patronymic?: string | null | null | undefined;
      /** for people: nobody logs in with it */
      readonly login?: string | null | null | undefined;
      /** for people */
      readonly email?: string | null | null | undefined;
      /** up to 5 digits */
      readonly extension?: string | null | null | undefined;
    };
    readonly result: {
      readonly id: number;
    };
  };
  /** Changes an employee; what is left out stays, null clears. */
  readonly 'update.employees': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.employees` */
      readonly id: number;
      /** as `Иван` */
      readonly first_name?: string | null | undefined;
      /** as `Иванов` */
      readonly last_name?: string | null | undefined;
      /** as `Иванович` */
      readonly patronymic?: string | null | null | undefined;
      /** for people: nobody logs in with it */
      readonly login?: string | null | null | undefined;
      /** for people */
      readonly email?: string | null | null | undefined;
      /** up to 5 digits */
      readonly extension?: string | null | null | undefined;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Removes an employee. */
  readonly 'delete.employees': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.employees` */
      readonly id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** The users of the account and their rights; passwords are not kept. */
  readonly 'get.users': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** user id */
      readonly id?: number | null | null | undefined;
      readonly login?: string | null | null | undefined;
      /** may use the Call API */
      readonly call_api?: boolean | null | null | undefined;
      /** may use the Data API */
      readonly data_api?: boolean | null | null | undefined;
      /** may use the methods of administration */
      readonly administration?: boolean | null | null | undefined;
    })[];
  };
  /** Adds a user to the account. */
  readonly 'create.users': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** unique in the installation */
      readonly login: string;
      /** 8 to 256 characters */
      readonly password: string;
      /** may use the Call API */
      readonly call_api?: boolean | null | undefined;
      /** may use the Data API */
      readonly data_api?: boolean | null | undefined;
      /** may use the methods of administration */
      readonly administration?: boolean | null | undefined;
    };
    readonly result: {
      readonly id: number;
    };
  };
  /** Changes the password or the rights of a user; what is left out stays. A new password ends the sessions of the user, permanent keys stay. */
  readonly 'update.users': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.users` */
      readonly id: number;
      /** 8 to 256 characters */
      readonly password?: string | null | undefined;
      /** may use the Call API */
      readonly call_api?: boolean | null | undefined;
      /** may use the Data API */
      readonly data_api?: boolean | null | undefined;
      /** may use the methods of administration */
      readonly administration?: boolean | null | undefined;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Removes a user and ends its sessions. */
  readonly 'delete.users': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.users` */
      readonly id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** The permanent keys of the account; the keys themselves are not kept. */
  readonly 'get.keys': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** key id */
      readonly id?: number | null | null | undefined;
      /** whose rights it has */
      readonly user_id?: number | null | null | undefined;
      readonly user_login?: string | null | null | undefined;
      /** what it is for */
      readonly label?: string | null | null | undefined;
      /** null: never */
      readonly expires_at?: string | null | null | undefined;
      readonly is_blocked?: boolean | null | null | undefined;
    })[];
  };
  /** Makes a permanent key of a user. */
  readonly 'create.keys': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** whose rights it has, of `get.users` */
      readonly key_user_id: number;
      /** what it is for */
      readonly label?: string | null | undefined;
      /** `YYYY-MM-DD hh:mm:ss` in the time of the account; left out: never */
      readonly expires_at?: string | null | undefined;
    };
    readonly result: {
      readonly id: number;
      /** kept nowhere, so shown only now */
      readonly access_token: string;
    };
  };
  /** Blocks a permanent key, or lets a blocked one in again. */
  readonly 'update.keys': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.keys` */
      readonly id: number;
      /** true: refused */
      readonly is_blocked: boolean;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Removes a permanent key for good. */
  readonly 'delete.keys': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.keys` */
      readonly id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** The addresses from which the account may be used; an empty list stands for loopback, private and link-local ranges. */
  readonly 'get.allowed_addresses': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** rows of the page */
      readonly limit?: number | null | undefined;
      /** rows before the page */
      readonly offset?: number | null | undefined;
      /** `{field, operator, value}`, or `{filters, condition}` of such */
      readonly filter?: Readonly<Record<string, unknown>> | null | undefined;
      /** names of the fields wanted */
      readonly fields?: readonly (unknown)[] | null | undefined;
      /** `[{field, order}]`, order `asc` or `desc` */
      readonly sort?: readonly (unknown)[] | null | undefined;
    };
    readonly result: readonly ({
      /** an IP address, or a network in CIDR */
      readonly address?: string | null | null | undefined;
    })[];
  };
  /** Lets an address or a network use the account; the first entry replaces the default of private ranges. */
  readonly 'add.allowed_addresses': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** an IP address or a network, as `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32` */
      readonly address: string;
    };
    readonly result: {
      /** in its shortest form */
      readonly address: string;
    };
  };
  /** Takes an entry off the list of addresses. */
  readonly 'delete.allowed_addresses': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** an IP address or a network, as `203.0.113.7`, `203.0.113.0/24` or `2001:db8::/32` */
      readonly address: string;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** What the account may use: an array of one. */
  readonly 'get.account_limits': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
    };
    readonly result: readonly ({
      /** points of requests a minute */
      readonly points_per_minute: number;
      /** points of requests a day */
      readonly points_per_day: number;
      /** characters of a message of type `tts` */
      readonly tts_max_length: number;
    })[];
  };
  /** Changes what the account may use; what is left out stays. Limits that `dozvon.yaml` names hold again after a start. */
  readonly 'update.account_limits': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** points of requests a minute */
      readonly points_per_minute?: number | null | undefined;
      /** points of requests a day */
      readonly points_per_day?: number | null | undefined;
      /** characters of a message of type `tts` */
      readonly tts_max_length?: number | null | undefined;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Whom the calls of the account may ring, and how much of it: an array of one. */
  readonly 'get.security_rules': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
    };
    readonly result: readonly ({
      /** ISO 3166-1 alpha-2: numbers of every other country are international */
      readonly home_country: string;
      /** mobile numbers of the home country may be called */
      readonly mobile: boolean;
      /** other numbers of the home country may be called */
      readonly long_distance: boolean;
      /** numbers of other countries may be called */
      readonly international: boolean;
      /** first digits of numbers that may be called all the same */
      readonly allowed_prefixes: readonly (string)[];
      /** first digits of numbers that may not; the longest decides */
      readonly denied_prefixes: readonly (string)[];
      /** at a time; null: no limit */
      readonly simultaneous_calls: number | null;
      /** begun within any 60 s; null: no limit */
      readonly calls_per_minute_per_contact: number | null;
      /** begun within any 60 s; null: no limit */
      readonly calls_per_minute_per_operator: number | null;
      /** begun within any 60 s; null: no limit */
      readonly calls_per_minute_per_prefix: number | null;
      /** digits that make such a prefix */
      readonly prefix_length: number;
      /** of answered legs, between two midnights; null: no limit */
      readonly minutes_per_day: number | null;
    })[];
  };
  /** Changes whom the calls of the account may ring; what is left out stays, lists are replaced whole. */
  readonly 'update.security_rules': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** ISO 3166-1 alpha-2: numbers of every other country are international */
      readonly home_country?: string | null | undefined;
      /** mobile numbers of the home country may be called */
      readonly mobile?: boolean | null | undefined;
      /** other numbers of the home country may be called */
      readonly long_distance?: boolean | null | undefined;
      /** numbers of other countries may be called */
      readonly international?: boolean | null | undefined;
      /** first digits of numbers that may be called all the same */
      readonly allowed_prefixes?: readonly (string)[] | null | undefined;
      /** first digits of numbers that may not; the longest decides */
      readonly denied_prefixes?: readonly (string)[] | null | undefined;
      /** at a time; null: no limit */
      readonly simultaneous_calls?: number | null | null | undefined;
      /** begun within any 60 s; null: no limit */
      readonly calls_per_minute_per_contact?: number | null | null | undefined;
      /** begun within any 60 s; null: no limit */
      readonly calls_per_minute_per_operator?: number | null | null | undefined;
      /** begun within any 60 s; null: no limit */
      readonly calls_per_minute_per_prefix?: number | null | null | undefined;
      /** digits that make such a prefix */
      readonly prefix_length?: number | null | undefined;
      /** of answered legs, between two midnights; null: no limit */
      readonly minutes_per_day?: number | null | null | undefined;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Takes a WAV, MP3, Ogg Opus or FLAC file into the media library of the account. */
  readonly 'upload.media_file': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** no other file of the account's, nor of the system, has it */
      readonly name: string;
      /** the file in Base64, at most some 780 kB */
      readonly content: string;
      /** bring it to the usual loudness, -16 dBFS */
      readonly normalization?: boolean | null | undefined;
    };
    readonly result: {
      /** `media_file_id` of calls */
      readonly id: number;
      readonly name: string;
      /** seconds, at least 1 */
      readonly duration: number;
      /** a URL that plays in a browser for an hour, or as configured */
      readonly play_link: string;
      /** brought to the usual loudness */
      readonly normalization: boolean;
      /** bytes of the file as it came */
      readonly size: number;
      /** system files cannot be changed */
      readonly type: 'system' | 'user';
    };
  };
  /** Gives a file of the account's own another name. */
  readonly 'update.media_file': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.media_files` */
      readonly id: number;
      /** no other file of the account's, nor of the system, has it */
      readonly name?: string | null | undefined;
    };
    readonly result: Readonly<Record<string, never>>;
  };
  /** Removes a file of the account's own; calls that play it go on. */
  readonly 'delete.media_file': {
    readonly params: {
      /** accepted and ignored */
      readonly user_id?: number | null | undefined;
      /** of `get.media_files` */
      readonly id: number;
    };
    readonly result: Readonly<Record<string, never>>;
  };
};

/** What `error.data.mnemonic` may be. */
export type Mnemonic =
  | 'access_token_blocked'
  | 'access_token_expired'
  | 'access_token_invalid'
  | 'account_inactive'
  | 'already_in_use'
  | 'auth_error'
  | 'batch_opreations_not_supported'
  | 'call_direction_not_allowed'
  | 'call_session_not_found'
  | 'character_encoding_not_allowed'
  | 'component_disabled'
  | 'contact_in_blacklist'
  | 'data_limit_exceeded'
  | 'data_type_error'
  | 'date_interval_limit_reached'
  | 'dependency_error'
  | 'duplicate_entity'
  | 'entity_not_found'
  | 'filter_prohibited'
  | 'forbidden'
  | 'internal_error'
  | 'invalid_date_time'
  | 'invalid_parameter_value'
  | 'invalid_parameters_combination'
  | 'invalid_request'
  | 'ip_not_whitelisted'
  | 'limit_exceeded'
  | 'media_file_not_found'
  | 'method_component_disabled'
  | 'method_not_found'
  | 'notifications_not_supported'
  | 'own_virtual_phone_number_not_allowed'
  | 'parse_error'
  | 'required_parameter_missed'
  | 'sort_prohibited'
  | 'tts_text_exceeded'
  | 'unexpected_parameters'
  | 'virtual_phone_number_not_found';
