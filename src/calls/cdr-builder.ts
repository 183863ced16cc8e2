import { assert } from '../base/assert.ts';
import type { CallEvent, CallEventOf } from '../model/call-event.ts';
import type { Cdr, LegRecord } from '../model/cdr.ts';

/** The record of an ended call from its events, the first `callStarted` and the last `callEnded`. */
export function buildCdr(events: readonly CallEvent[]): Cdr {
  const started = events[0];
  const ended = events.at(-1);
  assert(started?.type === 'callStarted', 'a call begins with callStarted');
  assert(ended?.type === 'callEnded', 'a call ends with callEnded');
  const { callSessionId, accountId, source, direction, virtualNumber, contact, operator } = started;
  return {
    callSessionId,
    accountId,
    source,
    direction,
    virtualNumber,
    contact,
    operator,
    externalId: started.externalId ?? null,
    startedAt: started.at,
    talkStartedAt: events.find(({ type }) => type === 'talkStarted')?.at ?? null,
    endedAt: ended.at,
    cause: ended.cause,
    finishReason: ended.finishReason,
    legs: events
      .filter((event) => event.type === 'legDialing')
      .map((leg) => legRecord(leg, events)),
  };
}

function legRecord(dialing: CallEventOf<'legDialing'>, events: readonly CallEvent[]): LegRecord {
  const { legId, role, callingNumber, calledNumber } = dialing;
  const own = events.filter((event) => 'legId' in event && event.legId === legId);
  const { trunk } = own.findLast((event) => event.type === 'legRerouted') ?? dialing;
  const at = (type: CallEvent['type']): number | null =>
    own.find((event) => event.type === type)?.at ?? null;
  const ended = own.find((event) => event.type === 'legEnded');
  assert(ended, 'every leg of an ended call has ended');
  return {
    legId,
    role,
    trunk,
    callingNumber,
    calledNumber,
    dialedAt: dialing.at,
    ringingAt: at('legRinging'),
    earlyMediaAt: at('legEarlyMedia'),
    answeredAt: at('legAnswered'),
    confirmedAt: at('legConfirmed'),
    noAudioMs: noAudioMs(own),
    endedAt: ended.at,
    endedBy: ended.by,
    cause: ended.cause,
    finishReason: ended.finishReason,
    ...(ended.quality && { quality: ended.quality }),
  };
}

/** What ends a stretch without sound: sound, a hold, in which none is expected, or the end of the leg. */
const audioEnds: ReadonlySet<CallEvent['type']> = new Set([
  'legAudioResumed',
  'legHeld',
  'legUnheld',
  'legEnded',
]);

function noAudioMs(own: readonly CallEvent[]): number {
  let sum = 0;
  let since: number | undefined;
  for (const event of own) {
    if (event.type === 'legNoAudio') since ??= event.at - event.forMs;
    else if (since !== undefined && audioEnds.has(event.type)) {
      sum += event.at - since;
      since = undefined;
    }
  }
  return Math.round(sum);
}
