import type { Clock, Timer } from '../../base/clock.ts';
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import { type Table, TableMachine } from '../transaction/table-machine.ts';
import type { HeaderLine } from './session-host.ts';
import {
  agreedByAnswer,
  agreeOnSession,
  formatSessionExpires,
  leastSessionExpires,
  type SessionAgreement,
  type SessionWish,
} from './session-interval.ts';

type State = 'off' | 'ours' | 'refreshing' | 'theirs' | 'over';
type Input = 'weRefresh' | 'theyRefresh' | 'none' | 'due' | 'refused' | 'deadline' | 'stop';
type Action = 'refresh' | 'retryLater' | 'expire';

/**
 * The life of a session that expires: RFC 4028 sections 7.2, 9 and 10. `weRefresh`, `theyRefresh`, `none` are
 * the outcomes of each 2xx to an INVITE or UPDATE of either side: each begins a new interval.
 */
// biome-ignore format: a table
export const sessionTimerTable: Table<State, Input, Action> = {
  off: {
    weRefresh:   ['ours'],
    theyRefresh: ['theirs'],
    none:        ['off'],
    stop:        ['over'],
  },
  ours: {
    weRefresh:   ['ours'],
    theyRefresh: ['theirs'],
    none:        ['off'],
    due:         ['refreshing', 'refresh'],
    deadline:    ['over', 'expire'],
    stop:        ['over'],
  },
  refreshing: {
    weRefresh:   ['ours'],
    theyRefresh: ['theirs'],
    none:        ['off'],
    refused:     ['ours', 'retryLater'],
    deadline:    ['over', 'expire'],
    stop:        ['over'],
  },
  theirs: {
    weRefresh:   ['ours'],
    theyRefresh: ['theirs'],
    none:        ['off'],
    deadline:    ['over', 'expire'],
    stop:        ['over'],
  },
  over: {},
};

export type SessionTimerOptions = {
  readonly clock: Clock;
  readonly wish: SessionWish;
  /** Half of the interval has passed: a refresh is to be sent. */
  refresh(): void;
  /** Nothing refreshed the session in time: it is to be ended by BYE. */
  expired(): void;
};

/** RFC 4028 section 10: whoever waits in vain ends the session so long before the others forget it. */
const leaveMs = 32_000;
/** A refresh that was refused is tried again while there is at least this much time for it. */
const leastRetryMs = 2_000;

/** Watches over the refreshes of one session, whichever side sends them. */
export class SessionTimer {
  readonly #options: SessionTimerOptions;
  readonly #machine: TableMachine<State, Input, Action>;
  #agreed: { readonly seconds: number; readonly weRefresh: boolean } | undefined;
  #due: Timer | undefined;
  #deadline: Timer | undefined;
  #deadlineDue = 0;

  constructor(options: SessionTimerOptions) {
    this.#options = options;
    this.#machine = new TableMachine(sessionTimerTable, 'off', {
      entered: (state) => {
        if (state === 'over' || state === 'off') this.#cancel();
      },
      act: (action) => this.#act(action),
    });
  }

  /** For each INVITE and UPDATE of ours inside the session: the roles stay as they are (section 7.4). */
  requestHeaders(): HeaderLine[] {
    const agreed = this.#agreed;
    if (agreed === undefined) return [];
    const refresher = agreed.weRefresh ? 'uac' : 'uas';
    return this.#options.wish.headers({ seconds: agreed.seconds, refresher });
  }

  /** A 2xx to an INVITE or UPDATE of ours. */
  answered(response: SipResponse): void {
    if (this.#options.wish.expires === 0) return;
    const agreed = agreedByAnswer(response);
    this.#begin(agreed, agreed?.refresher === 'uac');
  }

  /** Whether an INVITE or UPDATE of the peer asks for an interval that may not be: then 422 is due. */
  refusalOf(request: SipRequest): readonly [422, HeaderLine] | undefined {
    return this.#agreementWith(request) === 'tooBrief'
      ? [422, ['Min-SE', `${leastSessionExpires}`]]
      : undefined;
  }

  /** The headers of our 2xx to an INVITE or UPDATE of the peer; the new interval begins. */
  answer(request: SipRequest): HeaderLine[] {
    const agreed = this.#agreementWith(request);
    if (agreed === 'tooBrief') return []; // It has been refused.
    this.#begin(agreed, agreed?.refresher === 'uas');
    if (agreed === undefined) return [];
    const header = formatSessionExpires(agreed);
    return agreed.refresher === 'uac' ? [header, ['Require', 'timer']] : [header];
  }

  /** Our refresh was refused for another reason than that the session is gone. */
  refused(): void {
    this.#machine.input('refused');
  }

  /** The session is over. */
  stop(): void {
    this.#machine.input('stop');
  }

  #agreementWith(request: SipRequest): SessionAgreement | 'tooBrief' | undefined {
    const { expires } = this.#options.wish;
    if (expires === 0) return undefined;
    return agreeOnSession(request, expires, this.#agreed?.weRefresh ? 'uas' : 'uac');
  }

  #begin(agreed: SessionAgreement | undefined, weRefresh: boolean): void {
    if (this.#machine.state === 'over') return;
    this.#cancel();
    this.#agreed = agreed && { seconds: agreed.seconds, weRefresh };
    if (agreed !== undefined) {
      const { clock } = this.#options;
      const intervalMs = 1_000 * agreed.seconds;
      const deadlineMs = Math.ceil(intervalMs - Math.min(leaveMs, intervalMs / 3));
      this.#deadlineDue = clock.now() + deadlineMs;
      this.#deadline = clock.setTimer(deadlineMs, () => this.#machine.input('deadline'));
      if (weRefresh) this.#refreshAfter(intervalMs / 2);
    }
    this.#machine.input(agreed === undefined ? 'none' : weRefresh ? 'weRefresh' : 'theyRefresh');
  }

  #refreshAfter(delayMs: number): void {
    this.#due = this.#options.clock.setTimer(delayMs, () => this.#machine.input('due'));
  }

  #act(action: Action): void {
    const { clock, refresh, expired } = this.#options;
    switch (action) {
      case 'refresh':
        return refresh();
      case 'retryLater': {
        const delayMs = Math.floor((this.#deadlineDue - clock.now()) / 2);
        if (delayMs >= leastRetryMs) this.#refreshAfter(delayMs);
        return;
      }
      case 'expire':
        return expired();
    }
  }

  #cancel(): void {
    this.#due?.cancel();
    this.#deadline?.cancel();
  }
}
