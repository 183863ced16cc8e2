import { dataCatalogue } from './data/data-errors.ts';

/**
 * Every error the Call API answers: its group code and its text, word for word as the vendor documents
 * them (spec/call-api.md section 6 and the methods' own tables), slips of spelling included.
 */
export const catalogue = {
  parse_error: { code: -32700, message: 'Invalid JSON was received by the server.' },
  invalid_request: {
    code: -32600,
    message: 'Invalid Request The JSON sent is not a valid Request object',
  },
  method_not_found: { code: -32601, message: 'The method does not exist / is not available' },
  batch_opreations_not_supported: { code: -32099, message: 'Batch operations not supported' },
  notifications_not_supported: { code: -32099, message: 'Notifications not supported' },

  access_token_invalid: { code: -32001, message: 'Access token is invalid' },
  access_token_blocked: { code: -32001, message: 'Access token has been blocked' },
  access_token_expired: { code: -32001, message: 'Access token has been expired' },
  auth_error: { code: -32001, message: 'Login or password is wrong' },
  ip_not_whitelisted: { code: -32003, message: 'Your IP {ip} is not whitelisted' },
  account_inactive: {
    code: -32009,
    message: 'Your account has been disabled, contact the support service',
  },
  forbidden: { code: -32003, message: 'Permission denied' },
  component_disabled: { code: -32008, message: 'Component {component_name} has been disabled' },
  limit_exceeded: {
    code: -32029,
    message:
      'Limit per {limit_type} has been exceeded. Value of current limit per {limit_type} is {limit_max_value}',
  },

  unexpected_parameters: { code: -32602, message: 'Unexpected method parameter(s)' },
  required_parameter_missed: { code: -32602, message: 'The required parameter has been missed' },
  data_type_error: { code: -32602, message: 'Data supplied is of wrong type' },
  invalid_parameter_value: { code: -32602, message: 'Invalid parameter value' },
  character_encoding_not_allowed: {
    code: -32602,
    message: 'The character encoding must be UTF-8',
  },
  invalid_parameters_combination: {
    code: -32602,
    message: 'The combination of parameters is not permitted',
  },

  call_session_not_found: { code: -32602, message: 'Call session not found' },
  virtual_phone_number_not_found: {
    code: -32007,
    message:
      'Virtual phone number {virtual_phone_number} not found. It is not your virtual phone number.',
  },
  media_file_not_found: {
    code: -32602,
    message: 'The media file with id {media_file_id} not found',
  },
  own_virtual_phone_number_not_allowed: {
    code: -32602,
    message: 'Parameter contact can not contain own virtual phone number',
  },
  /** The code of simple and employee calls; the other calls answer -32602. */
  contact_in_blacklist: {
    code: -32002,
    message: 'The contact {contact} has been found in the blacklist',
  },
  tts_text_exceeded: {
    code: -32602,
    message:
      'The maximum length of Text-to-Speech message is {tts_message_max_length}. The length of your message is {sent_tts_message_length}',
  },
  internal_error: { code: -32603, message: 'Internal error, contact the support service' },
} as const satisfies Record<string, { code: number; message: string }>;

/** Errors of this server's own: the vendor has the group -32002 for it, and no mnemonic. */
export const ownCatalogue = {
  call_direction_not_allowed: {
    code: -32002,
    message: 'Calls to this number are not allowed by the security rules: {reason}',
  },
} as const satisfies Record<string, { code: number; message: string }>;

/** The errors of both APIs. */
export const everyError = { ...catalogue, ...ownCatalogue, ...dataCatalogue };

export type Mnemonic = keyof typeof everyError;

/** These are decided before the account's points are touched and tell nothing of its limits: section 5. */
export const withoutLimits: ReadonlySet<Mnemonic> = new Set<Mnemonic>([
  'parse_error',
  'invalid_request',
  'method_not_found',
  'access_token_blocked',
  'access_token_invalid',
  'access_token_expired',
  'auth_error',
  'ip_not_whitelisted',
]);

export type ErrorDetails = {
  /** The offending parameter; nested ones joined by a dot. */
  readonly field?: string;
  /** What was sent for it, if anything. */
  readonly value?: unknown;
  /** What fills the placeholders of the message. */
  readonly params?: Readonly<Record<string, string | number>>;
  /** Where the same mnemonic has another code: `forbidden` for a system entity of the Data API. */
  readonly code?: number;
};

/** Ends a request with an error of the catalogue. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly mnemonic: Mnemonic;
  readonly details: ErrorDetails;

  constructor(mnemonic: Mnemonic, details: ErrorDetails = {}) {
    const { params = {} } = details;
    super(
      everyError[mnemonic].message.replace(/\{(\w+)\}/g, (whole, name: string) =>
        String(params[name] ?? whole),
      ),
    );
    this.mnemonic = mnemonic;
    this.details = details;
  }

  get code(): number {
    return this.details.code ?? everyError[this.mnemonic].code;
  }
}
