import type { Timer } from '../../base/clock.ts';
import { transactionLifetime } from '../transaction/sip-timers.ts';
import { type ClientEvent, type ClientHandle, cancelOf } from '../transaction/transaction-layer.ts';
import type { SessionHost } from './session-host.ts';

/**
 * An INVITE that nothing came back for, so that the call is being tried at another hop. Should it have
 * arrived after all, no phone may ring for it: it is cancelled as soon as that is allowed, and an answer gets
 * ACK and BYE.
 */
export class SupersededInvite {
  readonly #host: SessionHost;
  readonly #invite: ClientHandle;
  readonly #finished: () => void;
  /** The INVITE, and the CANCEL if there is one. */
  #open = 1;
  #giveUp: Timer | undefined;

  /** `finished`: nothing of it is left. */
  constructor(host: SessionHost, invite: ClientHandle, finished: () => void) {
    this.#host = host;
    this.#invite = invite;
    this.#finished = finished;
    invite.stopRetransmitting();
  }

  receive(event: ClientEvent): void {
    if (event.type === 'terminated') {
      this.#giveUp?.cancel();
      this.#close();
    } else if (event.type === 'response') {
      const { status, message } = event.response;
      if (status < 200) this.#cancel();
      else if (status < 300)
        this.#host.unwanted.refuse(message, this.#invite.to, { type: 'normal' });
    }
  }

  /** Without a further message: the whole stack is being closed. */
  stop(): void {
    this.#giveUp?.cancel();
  }

  #cancel(): void {
    if (this.#giveUp !== undefined) return;
    const { clock, timers, transactions } = this.#host;
    this.#open++;
    transactions.startRequest(cancelOf(this.#invite.request), this.#invite.to, ({ type }) => {
      if (type === 'terminated') this.#close();
    });
    this.#giveUp = clock.setTimer(transactionLifetime(timers), () => {
      this.#invite.abandon();
      this.#close();
    });
  }

  #close(): void {
    if (--this.#open === 0) this.#finished();
  }
}
