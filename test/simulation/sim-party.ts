import type { Clock } from '../../src/base/clock.ts';
import { pick, type Random, randomInt } from '../../src/base/random.ts';
import type { IncomingInvite, InviteSession } from '../../src/sip/user-agent.ts';
import { pcmaDescription } from './sim-media.ts';

/** A party of the simulation: does one of the many things that telephones and networks do. */
export class SimParty {
  /** It neither rings nor talks any more. */
  isOver = false;
  /** The one that was dialled. */
  readonly number: string;
  readonly #invite: IncomingInvite;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #number: number;
  #session: InviteSession | undefined;

  /** `isWilling`: it answers within five seconds and talks for a while. */
  constructor(invite: IncomingInvite, clock: Clock, random: Random, isWilling = false) {
    this.number = invite.toUser;
    this.#invite = invite;
    this.#clock = clock;
    this.#random = random;
    this.#number = randomInt(random, 1, 10_000);
    invite.onCancelled(() => {
      this.isOver = true;
    });
    if (isWilling) this.#talk();
    else this.#behave();
  }

  #talk(): void {
    const random = this.#random;
    const answersAfter = randomInt(random, 0, 5_000);
    this.#after(randomInt(random, 0, answersAfter), () => this.#invite.progress(180));
    this.#after(answersAfter, () => {
      this.#accept();
      // Long enough for the other to be dialled, rung and told its message first.
      this.#after(120_000, () => this.#session?.terminate({ type: 'normal' }));
    });
  }

  #behave(): void {
    const random = this.#random;
    const finalAfter = pick(random, [
      0,
      1,
      randomInt(random, 2, 500),
      randomInt(random, 500, 40_000),
    ]);
    if (random.next() < 0.7) {
      const early = random.next() < 0.4 ? this.#description() : undefined;
      this.#after(randomInt(random, 0, finalAfter), () => {
        this.#invite.progress(pick(random, [180, 183]), early);
      });
    }
    const fate = random.next();
    if (fate < 0.65) this.#after(finalAfter, () => this.#answer());
    else if (fate < 0.9) this.#after(finalAfter, () => this.#reject());
    // Else it rings until it is cancelled.
  }

  #accept(): void {
    this.#session = this.#invite.accept(this.#description(), (event) => {
      if (event.type === 'terminated') this.isOver = true;
      if (event.type === 'offered') event.accept(this.#description());
    });
  }

  #answer(): void {
    this.#accept();
    const random = this.#random;
    const hangUp = (): void => this.#session?.terminate({ type: 'normal' });
    const fate = random.next();
    if (fate < 0.1)
      hangUp(); // 200 and BYE in one turn.
    else if (fate < 0.6) this.#after(randomInt(random, 0, 60_000), hangUp);
    if (random.next() < 0.2) this.#after(randomInt(random, 0, 10_000), () => this.#hold());
  }

  #hold(): void {
    if (this.isOver || this.#session === undefined) return;
    const held = this.#description();
    const media = held.media.map((medium) => ({ ...medium, direction: 'sendonly' as const }));
    this.#session.reinvite({ ...held, media }).catch(() => {}); // Refused, or ended meanwhile.
  }

  #reject(): void {
    this.isOver = true;
    this.#invite.reject(pick(this.#random, [486, 480, 404, 603, 503, 500, 302]));
  }

  #description(): ReturnType<typeof pcmaDescription> {
    return pcmaDescription(this.#number, 20_000);
  }

  #after(ms: number, act: () => void): void {
    this.#clock.setTimer(ms, () => {
      if (!this.isOver) act();
    });
  }
}
