import type { Timer } from '../../base/clock.ts';
import type { HangupCause } from '../../model/hangup-cause.ts';
import type { SipResponse } from '../message/sip-message.ts';
import { formatReason } from '../reason.ts';
import { transactionLifetime } from '../transaction/sip-timers.ts';
import type { Hop } from '../transport/hop.ts';
import { Dialog } from './dialog.ts';
import { sendInDialog } from './in-dialog-request.ts';
import type { SessionHost } from './session-host.ts';
import type { TrunkAuthorization } from './trunk-authorization.ts';

type Entry = { readonly ack: Uint8Array; readonly to: Hop; readonly timer: Timer };

/** More than a flood of forged answers may make us remember. */
const maxEntries = 10_000;

/**
 * Answers to our INVITEs that came too late: from another branch of a fork, after a CANCEL, after we
 * gave up. Whoever picked up must not stay in the air alone, so each gets ACK, as often as it repeats
 * itself, and one BYE (RFC 3261 sections 13.2.2.4 and 15).
 */
export class UnwantedAnswers {
  readonly #host: SessionHost;
  readonly #entries = new Map<string, Entry>();

  constructor(host: SessionHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** `fallback`: the next hop of the INVITE, or where the answer came from. */
  refuse(
    response: SipResponse,
    fallback: Hop,
    cause: HangupCause,
    authorization?: TrunkAuthorization,
  ): void {
    const host = this.#host;
    const key = `${response.sipCallId} ${response.to.tag} ${response.cseq.sequence}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return host.transactions.send(known.ack, known.to);
    if (this.#entries.size >= maxEntries) return;
    host.log.info(
      { sipCallId: response.sipCallId },
      'an answer that nobody waits for gets ACK and BYE',
    );
    const dialog = Dialog.ofAnswer(response, fallback);
    const to = dialog.destination;
    const ack = host.transactions.prepareAck(
      dialog.createRequest('ACK', response.cseq.sequence),
      to,
    );
    host.transactions.send(ack, to);
    const lifetime = transactionLifetime(host.timers);
    const timer = host.clock.setTimer(lifetime, () => this.#entries.delete(key));
    this.#entries.set(key, { ack, to, timer });
    sendInDialog({
      host,
      dialog,
      method: 'BYE',
      authorization,
      fill: (request) => request.headers.add('Reason', formatReason(cause)),
      finished: () => {},
    });
  }

  close(): void {
    for (const { timer } of this.#entries.values()) timer.cancel();
    this.#entries.clear();
  }
}
