import type { Timer } from '../base/clock.ts';
import type { Hearing, LegStep } from '../model/call-event.ts';
import type { HangupCause } from '../model/hangup-cause.ts';
import type { Prompt } from '../model/party.ts';
import { type AudioEvent, AudioWatch } from './audio-watch.ts';
import type { Call, Party } from './call.ts';
import { type CallEnd, causeOfOthers, notConfirmed, partyLeft, unansweredReason } from './ends.ts';
import { dialPlan, LegWay } from './leg-way.ts';
import type { Line, LineEvent, LineSource } from './line.ts';
import type { Route } from './routing.ts';

/** A prompt being heard: `heard` resolves at its end, or throws when the call ends before. */
export type Playback = {
  heard(): Promise<void>;
  /** Resolves at the end of the prompt; never rejects. */
  readonly over: Promise<void>;
};

/** Who ends a leg. */
type Side = 'local' | 'remote';

/** What a script does with one party: the party's line, what it hears, and whether it confirmed. */
export class CallLeg {
  readonly legId: number;
  readonly party: Party;
  readonly #call: Call;
  readonly #answered = Promise.withResolvers<void>();
  readonly #confirmed = Promise.withResolvers<void>();
  #line: Line | undefined;
  #way: LegWay | undefined;
  #ringLimit: Timer | undefined;
  #state: 'dialing' | 'waiting' | 'talking' | 'ended' = 'dialing';
  #rang = false;
  readonly #audio = new AudioWatch();
  #hasConfirmed = false;
  #listener: { leg: CallLeg; ringback: Prompt } | undefined;
  #plays = 0;
  #looping: Prompt | undefined;
  #onPlayed: () => void = () => {};

  constructor(call: Call, party: Party, legId: number) {
    this.#call = call;
    this.party = party;
    this.legId = legId;
    this.#answered.promise.catch(() => {}); // Nobody may be waiting any more when the leg fails.
  }

  get state(): 'dialing' | 'waiting' | 'talking' | 'ended' {
    return this.#state;
  }

  /** Settles with the answer, or with NotAnswered. */
  get answered(): Promise<void> {
    return this.#answered.promise;
  }

  /** It must press a key and has not. */
  get owesKey(): boolean {
    return this.party.confirmation !== undefined && !this.#hasConfirmed;
  }

  /** Nothing is heard of it, and it is not on hold. */
  get isSilent(): boolean {
    return this.#audio.isSilent;
  }

  /** Dials the party on the trunk that serves its number. Called once, by Call.dial. */
  ring(): void {
    const { role, number, callerId, virtualNumber, postDial = '' } = this.party;
    const { clock, routing, limits } = this.#call.parts;
    this.#way = new LegWay({
      clock,
      routing,
      numbers: { called: number, shown: callerId, virtualNumber },
      leave: (next, cause) => this.#leaveTrunk(next, cause),
    });
    const route = this.#way.next();
    const trunk = 'refused' in route ? '' : route.trunk.name;
    this.#journalWay(trunk);
    this.#call.publish({
      type: 'legDialing',
      legId: this.legId,
      role,
      callingNumber: callerId,
      calledNumber: number + postDial,
      trunk,
    });
    if ('refused' in route) return this.#notAnswered('local', { type: route.refused });
    const usualMs = role === 'operator' ? limits.operatorRingMs : limits.contactRingMs;
    const limitMs = route.ringMs ?? usualMs;
    this.#ringLimit = clock.setTimer(limitMs, () => this.#giveUp({ type: 'ringTimeout' }));
    this.#dialOn(route);
  }

  #dialOn(route: Route): void {
    const near = this.#call.legs.find((leg) => leg !== this)?.line;
    this.#line = this.#call.parts.dialer.dial(dialPlan(route, near), (event) =>
      this.#call.receive({ kind: 'leg', legId: this.legId, event }),
    );
  }

  #leaveTrunk(next: Route, cause: HangupCause): void {
    this.#line?.hangUp(cause);
    this.#journalWay(next.trunk.name);
    this.#call.publish({ type: 'legRerouted', legId: this.legId, trunk: next.trunk.name, cause });
    this.#dialOn(next);
  }

  #journalWay(trunk: string): void {
    this.#call.parts.journal({ kind: 'dial', legId: this.legId, role: this.party.role, trunk });
  }

  get line(): Line | undefined {
    return this.#line;
  }

  /** Until it is answered, `listener` hears this line: ringback, then early media if any comes. */
  letHearLine(listener: CallLeg, ringback: Prompt): void {
    this.#listener = { leg: listener, ringback };
    listener.hear('nothing');
  }

  /** Plays `message` once, then `thenLoop` until something else is to be heard. */
  play(message: Prompt | undefined, { thenLoop: music }: { thenLoop?: Prompt } = {}): Playback {
    this.#call.assertAlive();
    const over = Promise.withResolvers<void>();
    const finish = (): void => {
      this.#onPlayed = () => {};
      if (music) this.loop(music);
      over.resolve();
    };
    if (message) {
      this.hear({ prompt: message, loop: false, playId: ++this.#plays });
      this.#onPlayed = finish;
    } else finish();
    return { heard: () => this.#call.until(over.promise), over: over.promise };
  }

  /** Plays `music` over and over until something else is to be heard; goes on if it already does. */
  loop(music: Prompt): void {
    this.#call.assertAlive();
    if (this.#looping?.path === music.path) return;
    this.hear({ prompt: music, loop: true, playId: ++this.#plays });
    this.#looping = music;
  }

  /**
   * Until the party pressed its key, at any time since it answered; at once if it needs none. The
   * limit runs from the end of `message`, which serves as the prompt: spec/simple-call.md section 9.
   */
  async confirmed(message: Playback): Promise<void> {
    if (this.party.confirmation === undefined) return;
    const { confirmationMs: ms } = this.#call.parts.limits;
    await this.#call.until(this.#confirmed.promise, {
      ms,
      after: message.over,
      otherwise: notConfirmed,
    });
  }

  /** Hears `other` and nothing else. Called by Call.bridge, for both. */
  talkTo(other: CallLeg): void {
    this.#state = 'talking';
    this.#onPlayed = () => {};
    this.hearLegs(other);
  }

  hearLegs(...legs: readonly CallLeg[]): void {
    const lines = legs.map((leg) => leg.line).filter((line) => line !== undefined);
    this.#hear({ lines }, { legs: legs.map(({ legId }) => legId) });
  }

  hear(source: Exclude<LineSource, { lines: unknown }>): void {
    if (source === 'nothing') return this.#hear(source, source);
    this.#hear(source, { prompt: source.prompt.name, loop: source.loop });
  }

  #hear(source: LineSource, what: Hearing): void {
    if (this.#state === 'ended') return;
    this.#looping = undefined;
    this.#line?.hear(source);
    this.#call.publish({ type: 'hearing', legId: this.legId, what });
  }

  /** Ends this leg because the call ended. */
  hangUp(end: CallEnd): void {
    if (this.#state === 'ended') return;
    const cause = causeOfOthers(end);
    this.#line?.hangUp(cause);
    this.#over('local', cause, end.legFinishReason);
  }

  /** An event of its line, already journalled. */
  receive(event: LineEvent): void {
    if (this.#state === 'ended') return;
    switch (event.type) {
      case 'trying':
        return this.#way?.responded();
      case 'ringing':
        return this.#ringing();
      case 'earlyMedia':
        this.#step('legEarlyMedia');
        return this.#listener?.leg.hearLegs(this);
      case 'answered':
        return this.#answer();
      case 'flowing':
      case 'noAudio':
      case 'held':
      case 'unheld':
        return this.#watchAudio(event);
      case 'played':
        // The end of a prompt that was replaced meanwhile means nothing.
        if (event.playId === this.#plays) this.#onPlayed();
        return;
      case 'dtmf':
        return this.#pressed(event.key);
      case 'dtmfSent':
        return this.#call.publish({ type: 'dtmfSent', legId: this.legId, keys: event.digits });
      case 'ended':
        return this.#ended(event.by, event.cause);
    }
  }

  #watchAudio(event: AudioEvent): void {
    const step = this.#audio.receive(event);
    if (step) this.#call.publish({ ...step, legId: this.legId });
    this.#call.watchSilence();
  }

  #ringing(): void {
    if (this.#rang) return;
    this.#rang = true;
    this.#way?.reached();
    this.#step('legRinging');
    const listener = this.#listener;
    if (!listener) return;
    listener.leg.loop(listener.ringback); // Until real early media comes, if any does.
  }

  #answer(): void {
    this.#ringLimit?.cancel();
    this.#way?.reached();
    this.#listener = undefined;
    this.#state = 'waiting';
    this.#step('legAnswered');
    if (this.party.postDial) this.#line?.sendDtmf(this.party.postDial);
    this.#answered.resolve();
  }

  #pressed(key: string): void {
    this.#call.publish({ type: 'dtmfReceived', legId: this.legId, keys: key });
    const wanted = this.party.confirmation;
    if (!this.owesKey || (wanted !== 'any' && wanted !== key)) return;
    this.#hasConfirmed = true;
    this.#step('legConfirmed');
    this.#confirmed.resolve();
  }

  #giveUp(cause: HangupCause): void {
    this.#line?.hangUp(cause);
    this.#notAnswered('local', cause);
  }

  #ended(by: Side, cause: HangupCause): void {
    if (this.#state === 'dialing') {
      if (!this.#way?.fails(cause)) this.#notAnswered(by, cause);
      return;
    }
    const end = partyLeft(this.party.role, cause, this.owesKey);
    this.#over(by, cause, end.legFinishReason);
    this.#call.end(end);
  }

  #notAnswered(by: Side, cause: HangupCause): void {
    this.#over(by, cause, unansweredReason(this.party.role, cause));
    this.#answered.reject(this.#call.notReached(this.party.role, cause));
  }

  #over(by: Side, cause: HangupCause, finishReason: CallEnd['legFinishReason']): void {
    this.#state = 'ended';
    this.#ringLimit?.cancel();
    this.#way?.release();
    const quality = this.#line?.quality;
    const ended = { type: 'legEnded', legId: this.legId, by, cause, finishReason } as const;
    this.#call.publish(quality ? { ...ended, quality } : ended);
  }

  #step(type: LegStep): void {
    this.#call.publish({ type, legId: this.legId });
  }
}
