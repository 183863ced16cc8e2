import type { SessionDescription } from '../../sdp/session-description.ts';

/**
 * What we last told the peer about our media. It keeps the o= line in order for every later offer and
 * answer: the same session, and a version that grows by one exactly when the rest changes (RFC 3264
 * section 8), whoever made the description.
 */
export class LocalDescription {
  #last: SessionDescription | undefined;
  /** The highest version sent, by whatever description. */
  #version: number;

  constructor(first?: SessionDescription) {
    this.#last = first;
    this.#version = first?.origin.sessionVersion ?? 0;
  }

  get last(): SessionDescription | undefined {
    return this.#last;
  }

  /** Forgets it: the session is over, what is left of it for 64*T1 should be small. */
  release(): void {
    this.#last = undefined;
  }

  /** The description as it is to be sent now. */
  next(description: SessionDescription): SessionDescription {
    const last = this.#last;
    if (last === undefined) {
      this.#last = description;
      this.#version = description.origin.sessionVersion;
      return description;
    }
    if (sameMedia(last, description)) return last;
    const origin = { ...last.origin, sessionVersion: ++this.#version };
    this.#last = { ...description, origin };
    return this.#last;
  }

  /** An offer was refused: what held before it holds again (RFC 3261 section 14.1). */
  restore(previous: SessionDescription | undefined): void {
    if (this.#last !== undefined) this.#last = previous;
  }

  /**
   * The offer for a re-INVITE that came without one: what we last had, able to send and receive again,
   * since a hold ends this way when a third party controls the call (RFC 3725).
   */
  nextOffer(): SessionDescription | undefined {
    if (this.#last === undefined) return undefined;
    const media = this.#last.media.map((medium) =>
      medium.port === 0 ? medium : { ...medium, direction: 'sendrecv' as const },
    );
    return this.next({ ...this.#last, media });
  }
}

function sameMedia(a: SessionDescription, b: SessionDescription): boolean {
  return JSON.stringify(a.media) === JSON.stringify(b.media);
}
