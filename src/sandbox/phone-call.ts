import type { Clock, Timer } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { type Random, randomInt } from '../base/random.ts';
import type { Sink } from '../base/sink.ts';
import type { Direction, SessionDescription } from '../sdp/session-description.ts';
import type { IncomingInvite, InviteSession, InviteSessionEvent } from '../sip/user-agent.ts';
import { Ear, type HeardRecord } from './ear.ts';
import { frameMs, Mouth, type Sound } from './mouth.ts';
import {
  type Ability,
  type Agreement,
  agree,
  describeAnswer,
  describeOffer,
} from './negotiation.ts';
import { startPacer } from './pacer.ts';
import type { KeyPress, PhoneBehaviour } from './phone-behaviour.ts';
import { PhoneCodec } from './phone-codec.ts';
import type { PhoneEnd, PhoneEvent } from './phone-event.ts';
import type { OpenRtpSocket, RtpSocket } from './rtp-socket.ts';
import { formatRtp, isRtcp, parseRtp } from './rtp-wire.ts';
import { PhoneSrtp } from './srtp-wire.ts';

export type PhoneParts = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly openRtpSocket: OpenRtpSocket;
  /** Keep what was heard and said; a sandbox that runs for days must not. */
  readonly keepsSound: boolean;
};

/** SRTP both ways. */
type PhoneSessions = {
  readonly theirKey: string;
  readonly mouth: PhoneSrtp;
  readonly ear: PhoneSrtp;
};

type Omitted = 'atMs' | 'number' | 'sipCallId';
type Happening = PhoneEvent extends infer Event
  ? Event extends PhoneEvent
    ? Omit<Event, Omitted>
    : never
  : never;

/** A network rings what the Request-URI names; To stays as it was when a redirect is followed. */
export function dialledNumber({ requestUri, toUser }: IncomingInvite): string {
  return /^(?:sips?|tel):([^@;]+)/i.exec(requestUri)?.[1] ?? toUser;
}

/**
 * One call at a sandbox phone: a phone and its owner in one. It does what its behaviour says by
 * itself and takes orders beside it. Signalling is the user agent's; the RTP is all its own.
 */
export class PhoneCall {
  readonly number: string;
  readonly from: string;
  readonly sipCallId: string;
  readonly #invite: IncomingInvite;
  readonly #behaviour: PhoneBehaviour;
  readonly #parts: PhoneParts;
  readonly #sink: Sink<PhoneEvent>;
  readonly #ability: Ability;
  readonly #ear: Ear;
  readonly #mouth: Mouth;
  readonly #ssrc: number;
  readonly #sessionId: string;
  readonly #srtpKey: string;
  /** With keys agreed: what the mouth's packets go through, and those that the ear hears. */
  #srtp: PhoneSessions | undefined;
  readonly #timers = new Set<Timer>();
  #sequenceNumber: number;
  #version = 1;
  #socket: RtpSocket | undefined;
  #agreement: Agreement | undefined;
  #codec: PhoneCodec | undefined;
  #session: InviteSession | undefined;
  #pacer: Timer | undefined;
  #spokenFromMs: number | undefined;
  #isHolding = false;
  #state: 'inviting' | 'established' | 'ended' = 'inviting';

  constructor(
    invite: IncomingInvite,
    behaviour: PhoneBehaviour,
    parts: PhoneParts,
    sink: Sink<PhoneEvent>,
  ) {
    this.number = dialledNumber(invite);
    this.from = invite.fromUser;
    this.sipCallId = invite.sipCallId;
    this.#invite = invite;
    this.#behaviour = behaviour;
    this.#parts = parts;
    this.#sink = sink;
    this.#ability = {
      codecs: behaviour.codecs ?? ['PCMA', 'PCMU'],
      telephoneEvent: behaviour.telephoneEvent ?? true,
      srtp: behaviour.srtp ?? false,
    };
    const { keepsSound, random } = parts;
    this.#ear = new Ear({ keepsSound });
    this.#mouth = new Mouth({ firstTimestamp: randomInt(random, 0, 2 ** 32 - 1), keepsSound });
    this.#ssrc = randomInt(random, 0, 2 ** 32 - 1);
    this.#sequenceNumber = randomInt(random, 0, 0xffff);
    this.#srtpKey = Buffer.from(random.hex(30), 'hex').toString('base64');
    this.#sessionId = String(randomInt(random, 1, 2 ** 31));
  }

  /** What its ear heard up to now. */
  get heard(): HeardRecord {
    return this.#ear.record();
  }

  /** What it said up to now and when it began; undefined before its first packet. */
  get spoken(): { readonly startMs: number; readonly samples: Int16Array } | undefined {
    if (this.#spokenFromMs === undefined) return undefined;
    return { startMs: this.#spokenFromMs, samples: this.#mouth.spoken };
  }

  /** Are its packets encrypted? */
  get isEncrypted(): boolean {
    return this.#srtp !== undefined;
  }

  get isOver(): boolean {
    return this.#state === 'ended';
  }

  /** Begins to behave. */
  async start(): Promise<void> {
    const invite = this.#invite;
    this.#tell({ type: 'invited', from: invite.fromUser, header: (name) => invite.header(name) });
    invite.onCancelled(() => this.#end('caller', 'cancelled', 487));
    invite.onOffered((event) => this.#receiveSession(event));
    const { ringsAfterMs, earlyMedia, final } = this.#behaviour;
    try {
      this.#socket = await this.#parts.openRtpSocket((bytes) => this.#receive(bytes));
    } catch (error) {
      this.#parts.log.error({ error }, 'a sandbox phone got no RTP port');
      return this.#reject(500);
    }
    if (this.isOver) return this.#closeMedia(); // Cancelled while the port was being opened.
    if (invite.offer !== undefined) {
      this.#agreement = agree(invite.offer, this.#ability);
      if (this.#agreement === undefined) return this.#reject(488);
    }
    if (ringsAfterMs !== undefined) this.#after(ringsAfterMs, () => this.#ring());
    if (earlyMedia !== undefined) this.#after(earlyMedia.afterMs, () => this.#openEarly());
    if (final.type === 'answers') this.#after(final.afterMs, () => this.answer());
    if (final.type === 'rejects') {
      const headers = final.redirectTo ? [['Contact', `<${final.redirectTo}>`] as const] : [];
      this.#after(final.afterMs, () => this.#reject(final.status, headers));
    }
  }

  /** Picks up, if it has not. */
  answer(): void {
    if (this.#state !== 'inviting' || this.#socket === undefined) return;
    this.#state = 'established';
    const answer =
      this.#agreement === undefined ? this.#offer('sendrecv') : this.#answerTo(this.#agreement);
    this.#mouth.beSilent();
    this.#session = this.#invite.accept(answer, (event) => this.#receiveSession(event));
    this.#tell({ type: 'answered' });
    this.#startTalking();
    const { speaks, presses = [], holds, hangsUpAfterAnswerMs } = this.#behaviour;
    if (speaks) this.#after(speaks.afterAnswerMs ?? 0, () => this.speak(speaks.sound, speaks));
    for (const press of presses) this.#after(press.afterAnswerMs, () => this.press(press));
    if (holds) {
      this.#after(holds.afterAnswerMs, () => void this.hold());
      this.#after(holds.afterAnswerMs + holds.forMs, () => void this.unhold());
    }
    if (hangsUpAfterAnswerMs !== undefined) this.#after(hangsUpAfterAnswerMs, () => this.hangUp());
  }

  speak(sound: Sound, options: { readonly loop: boolean }): void {
    this.#mouth.speak(sound, options);
  }

  beSilent(): void {
    this.#mouth.beSilent();
  }

  /** Presses one key, in RTP or by INFO. */
  press({ key, by, durationMs = 120 }: Pick<KeyPress, 'key' | 'by' | 'durationMs'>): void {
    if (this.#state !== 'established') return;
    if (by === 'rtp') this.#mouth.press(key, durationMs);
    else {
      const body = `Signal=${key}\r\nDuration=${durationMs}\r\n`;
      this.#session?.info?.('application/dtmf-relay', body);
    }
    this.#tell({ type: 'keyPressed', key, by });
  }

  /** Puts the caller on hold by re-INVITE (RFC 3264 section 8.4): nothing is said until `unhold`. */
  async hold(): Promise<void> {
    await this.#reinvite('sendonly', true);
  }

  async unhold(): Promise<void> {
    await this.#reinvite('sendrecv', false);
  }

  /** Hangs up, or refuses when it still rings. */
  hangUp(): void {
    if (this.#state === 'inviting') return this.#reject(486);
    if (this.#state === 'ended') return;
    this.#session?.terminate({ type: 'normal' });
    this.#end('phone', 'hungUp', 0);
  }

  #ring(): void {
    this.#invite.progress(180);
    this.#tell({ type: 'ringing' });
  }

  #openEarly(): void {
    const earlyMedia = this.#behaviour.earlyMedia!;
    if (this.#agreement === undefined) return; // Without an offer there is nowhere to send it.
    this.#invite.progress(183, this.#answerTo(this.#agreement));
    this.#tell({ type: 'earlyMedia' });
    this.#after(earlyMedia.rtpAfterMs ?? 0, () => {
      this.#mouth.speak(earlyMedia.sound, earlyMedia);
      this.#startTalking();
    });
  }

  #reject(status: number, headers: readonly (readonly [string, string])[] = []): void {
    if (this.#state !== 'inviting') return;
    this.#invite.reject(status, headers);
    this.#end('phone', 'rejected', status);
  }

  #receiveSession(event: InviteSessionEvent): void {
    switch (event.type) {
      case 'answered':
        this.#agreement = agree(event.answer, this.#ability) ?? this.#agreement;
        return;
      case 'offered': {
        const agreement = agree(event.offer, this.#ability);
        if (agreement === undefined) return event.reject(488);
        this.#agreement = agreement;
        return event.accept(this.#answerTo(agreement));
      }
      case 'terminated':
        if (event.by === 'remote') return this.#end('caller', 'hungUp', event.status);
        return this.#end(
          'phone',
          event.cause.type === 'normal' ? 'hungUp' : 'failed',
          event.status,
        );
      default:
        return;
    }
  }

  async #reinvite(direction: Direction, isHolding: boolean): Promise<void> {
    if (this.#state !== 'established' || this.#session === undefined) return;
    this.#version++;
    try {
      const answer = await this.#session.reinvite(this.#offer(direction));
      this.#agreement = agree(answer, this.#ability) ?? this.#agreement;
      this.#isHolding = isHolding;
      this.#tell({ type: isHolding ? 'held' : 'unheld' });
    } catch (error) {
      this.#parts.log.warn({ error }, 'hold was refused');
    }
  }

  #answerTo(agreement: Agreement): SessionDescription {
    return describeAnswer(agreement, this.#local());
  }

  #offer(direction: Direction): SessionDescription {
    return describeOffer(this.#ability, direction, this.#local(), this.#agreement);
  }

  #local() {
    const { address } = this.#socket!;
    return { address, version: this.#version, sessionId: this.#sessionId, srtpKey: this.#srtpKey };
  }

  #receive(bytes: Uint8Array): void {
    const arrivedMs = this.#parts.clock.now();
    const agreement = this.#agreement;
    if (agreement === undefined || this.isOver || isRtcp(bytes)) return;
    const srtp = this.#srtpOf(agreement);
    const plain = srtp === undefined ? bytes : srtp.ear.open(bytes);
    const packet = plain && parseRtp(plain);
    if (packet === undefined) return;
    const codec = this.#codecOf(agreement);
    const timestamp = codec.heard(packet.timestamp);
    if (packet.payloadType === agreement.payloadType) {
      return this.#ear.hearSound({ ...packet, timestamp }, codec.decode(packet.payload), arrivedMs);
    }
    if (packet.payloadType !== agreement.eventPayloadType) return;
    const payload = codec.heardEvent(packet.payload);
    const key = this.#ear.hearEvent({ ...packet, timestamp, payload }, arrivedMs);
    if (key !== undefined) this.#tell({ type: 'dtmfHeard', ...key });
  }

  /** The sessions of the keys agreed on; they go on while the caller's key stays the same. */
  #srtpOf({ crypto }: Agreement): PhoneSessions | undefined {
    if (crypto === undefined) return undefined;
    if (this.#srtp?.theirKey !== crypto.key) {
      const mouth = this.#srtp?.mouth ?? new PhoneSrtp(this.#srtpKey);
      this.#srtp = { theirKey: crypto.key, mouth, ear: new PhoneSrtp(crypto.key) };
    }
    return this.#srtp;
  }

  #startTalking(): void {
    if (this.#pacer !== undefined) return;
    this.#spokenFromMs = this.#parts.clock.now();
    this.#pacer = startPacer(this.#parts.clock, frameMs, () => this.#talk());
  }

  /** Sends what the mouth says in these 20 ms. On hold time goes on but nothing is sent. */
  #talk(): void {
    for (const spoken of this.#mouth.next()) {
      const { marker, timestamp } = spoken;
      const agreement = this.#agreement;
      if (agreement === undefined || this.#isHolding || this.#behaviour.isCutOff) continue;
      const isEvent = 'event' in spoken;
      if (isEvent && agreement.eventPayloadType === undefined) continue;
      const codec = this.#codecOf(agreement);
      const packet = formatRtp({
        marker,
        timestamp: codec.sent(timestamp),
        ssrc: this.#ssrc,
        sequenceNumber: this.#sequenceNumber,
        payloadType: isEvent ? agreement.eventPayloadType! : agreement.payloadType,
        payload: isEvent ? codec.sentEvent(spoken.event) : codec.encode(spoken.samples),
      });
      this.#sequenceNumber = (this.#sequenceNumber + 1) & 0xffff;
      const sealed = this.#srtpOf(agreement)?.mouth.seal(packet) ?? packet;
      this.#socket!.send(sealed, agreement.remote);
    }
  }

  #codecOf({ codec }: Agreement): PhoneCodec {
    if (this.#codec?.name !== codec) {
      this.#codec?.close();
      this.#codec = new PhoneCodec(codec);
    }
    return this.#codec;
  }

  #after(delayMs: number, act: () => void): void {
    const timer = this.#parts.clock.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      if (!this.isOver) act();
    });
    this.#timers.add(timer);
  }

  #end(by: 'caller' | 'phone', how: PhoneEnd, status: number): void {
    if (this.isOver) return;
    this.#state = 'ended';
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#closeMedia();
    this.#tell({ type: 'ended', by, how, status });
  }

  #closeMedia(): void {
    this.#pacer?.cancel();
    this.#codec?.close();
    this.#socket?.close();
  }

  #tell(happening: Happening): void {
    const { number, sipCallId } = this;
    this.#sink({ ...happening, atMs: this.#parts.clock.now(), number, sipCallId });
  }
}
