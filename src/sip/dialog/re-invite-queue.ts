import type { SessionDescription } from '../../sdp/session-description.ts';
import { SipRefused } from '../user-agent.ts';
import type { LocalDescription } from './local-description.ts';
import { ReInvite, type ReInviteOptions } from './re-invite.ts';

type Waiting = {
  readonly offer: SessionDescription | 'same';
  resolve(answer: SessionDescription): void;
  reject(refusal: SipRefused): void;
};

export type ReInviteQueueOptions = Omit<
  ReInviteOptions,
  'offer' | 'stamped' | 'postponed' | 'refused'
> & {
  /** One more thing is alive, until `finished`. */
  started(): void;
};

/** Our own offers in a session, one at a time (RFC 3261 section 14.1). */
export class ReInviteQueue {
  readonly #local: LocalDescription;
  readonly #options: ReInviteQueueOptions;
  readonly #waiting: Waiting[] = [];
  #current: ReInvite | undefined;
  /** The current one and those before it that still owe an ACK; made when there is a first. */
  #live: Set<ReInvite> | undefined;
  #stopped = false;

  constructor(local: LocalDescription, options: ReInviteQueueOptions) {
    this.#local = local;
    this.#options = options;
  }

  /** True while an offer of ours is on its way and not answered. */
  get isPending(): boolean {
    return this.#current?.isPending === true;
  }

  /** `same`: what holds at the time of sending. */
  push(offer: SessionDescription | 'same'): Promise<SessionDescription> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ offer, resolve, reject });
      if (this.#waiting.length === 1) this.#start(this.#waiting[0]!);
    });
  }

  /** The session is over: all that wait are refused, the current one is finished in silence. */
  stop(): void {
    this.#stopped = true;
    const others = this.#waiting.splice(1);
    this.#current?.stop();
    for (const { reject } of others) reject(new SipRefused(487));
  }

  /** Without a further message: the whole stack is being closed. */
  close(): void {
    for (const reinvite of this.#live ?? []) reinvite.close();
  }

  #start({ offer, resolve, reject }: Waiting): void {
    const options = this.#options;
    /** What held before the offer that is on its way. */
    let replaced: { readonly before: SessionDescription | undefined } | undefined;
    const withdraw = (): void => {
      if (replaced !== undefined) this.#local.restore(replaced.before);
      replaced = undefined;
    };
    options.started();
    const reinvite: ReInvite = new ReInvite({
      ...options,
      offer,
      stamped: (description) => {
        const before = this.#local.last;
        const next = description === 'same' ? before! : this.#local.next(description);
        if (next !== before) replaced = { before };
        return next;
      },
      postponed: withdraw,
      answered: (answer) => {
        options.answered(answer);
        resolve(answer.description);
        this.#next();
      },
      refused: (refusal) => {
        withdraw();
        reject(refusal);
        this.#next();
      },
      finished: () => {
        this.#live?.delete(reinvite);
        options.finished();
      },
    });
    this.#current = reinvite;
    this.#live ??= new Set();
    this.#live.add(reinvite);
  }

  #next(): void {
    this.#current = undefined;
    this.#waiting.shift();
    const next = this.#waiting[0];
    if (next !== undefined && !this.#stopped) this.#start(next);
  }
}
