import type { SipRequest } from './sip-message.ts';

/**
 * The bytes are no message that can be acted on, or a header is not what it should be. From `parseMessage`:
 * with `status` and `request` it is to be answered, without them it is to be dropped.
 */
export class SipParseError extends Error {
  override readonly name = 'SipParseError';
  /** The response it asks for (400, 505 …). Absent for junk, for responses and for ACK. */
  readonly status: number | undefined;
  /** What could be read of the request: enough for `createResponse` to answer it. */
  readonly request: SipRequest | undefined;

  constructor(message: string, options: { status?: number; request?: SipRequest } = {}) {
    super(message);
    this.status = options.status;
    this.request = options.request;
  }
}
