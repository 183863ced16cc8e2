import { assertNever } from '../base/assert.ts';
import type { CallEvent, CallEventOf, Hearing } from '../model/call-event.ts';
import type { HangupCause } from '../model/hangup-cause.ts';
import type { LegQuality, StreamQuality } from '../model/leg-quality.ts';

/** Puts the events of one call into lines with the seconds since its start. */
export class CallProgress {
  #startedAt: number | undefined;
  readonly #roles = new Map<number, string>();

  line(event: CallEvent): string {
    this.#startedAt ??= event.at;
    if (event.type === 'legDialing') this.#roles.set(event.legId, event.role);
    const seconds = ((event.at - this.#startedAt) / 1000).toFixed(3);
    return `${seconds.padStart(8)}  ${this.#text(event)}`;
  }

  #text(event: CallEvent): string {
    switch (event.type) {
      case 'callStarted':
        return `call ${event.callSessionId}: operator ${event.operator}, contact ${event.contact}, from ${event.virtualNumber}`;
      case 'legDialing':
        return `${event.role}: dialling ${event.calledNumber} through ${event.trunk}, shown ${event.callingNumber}`;
      case 'hearing':
        return `${this.#party(event.legId)}: hears ${this.#sound(event.what)}`;
      case 'dtmfReceived':
        return `${this.#party(event.legId)}: pressed ${event.keys}`;
      case 'dtmfSent':
        return `${this.#party(event.legId)}: was sent the keys ${event.keys}`;
      case 'legRerouted':
        return `${this.#party(event.legId)}: the trunk failed (${causeText(event.cause)}), dialling through ${event.trunk}`;
      case 'legEnded':
        return `${this.#party(event.legId)}: ended by ${event.by === 'local' ? 'us' : 'the party'}, ${cause(event)}${sound(event.quality)}`;
      case 'legNoAudio':
        return `${this.#party(event.legId)}: nothing heard for ${Math.round(event.forMs / 1000)} s`;
      case 'talkStarted':
        return `connected: ${event.legIds.map((id) => this.#party(id)).join(' and ')} hear each other`;
      case 'callEnded':
        return `call ended: ${cause(event)}`;
      case 'legRinging':
      case 'legEarlyMedia':
      case 'legAnswered':
      case 'legConfirmed':
      case 'legHeld':
      case 'legUnheld':
      case 'legAudioResumed':
        return `${this.#party(event.legId)}: ${steps[event.type]}`;
      default:
        return assertNever(event);
    }
  }

  #party(legId: number): string {
    return this.#roles.get(legId) ?? `leg ${legId}`;
  }

  #sound(what: Hearing): string {
    if (what === 'nothing') return 'nothing';
    if ('legs' in what) return what.legs.map((id) => this.#party(id)).join(' and ');
    return `${what.prompt}${what.loop ? ' (looped)' : ''}`;
  }
}

const steps = {
  legRinging: 'rings',
  legEarlyMedia: 'sends sound before the answer',
  legAnswered: 'answered',
  legConfirmed: 'confirmed',
  legHeld: 'put the call on hold',
  legUnheld: 'took the call off hold',
  legAudioResumed: 'is heard again',
} as const;

/** `; PCMA; heard from it: 0.5 % lost, jitter 3 ms, MOS 4.3; round trip 42 ms`. */
function sound(quality: LegQuality | undefined): string {
  if (quality === undefined) return '';
  const { codec, srtp, received, sent, roundTripMs } = quality;
  const stream = (what: string, { lossPercent, jitterMs, mos }: StreamQuality): string[] =>
    mos === null ? [] : [`${what} ${lossPercent} % lost, jitter ${jitterMs} ms, MOS ${mos}`];
  const parts = [
    srtp === null ? codec : `${codec}, ${srtp}`,
    ...stream('heard from it:', received),
    ...stream('heard by it:', sent),
    ...(roundTripMs === null ? [] : [`round trip ${roundTripMs} ms`]),
  ];
  return `; ${parts.join('; ')}`;
}

function cause(event: CallEventOf<'legEnded'> | CallEventOf<'callEnded'>): string {
  return `${causeText(event.cause)}, ${event.finishReason}`;
}

function causeText({ type, status, q850 }: HangupCause): string {
  const details = [
    ...(status === undefined ? [] : [`SIP ${status}`]),
    ...(q850 === undefined ? [] : [`Q.850 ${q850}`]),
  ];
  return `${type}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
}
