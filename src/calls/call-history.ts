import type { CallEvent, CallEventOf } from '../model/call-event.ts';
import type { ActiveCall, ActiveLeg } from './call-service.ts';

/** What `list.calls` shows of a call, from what was published about it so far. */
export function activeCall(events: readonly CallEvent[]): ActiveCall {
  const started = events[0] as CallEventOf<'callStarted'>;
  const legs = new Map<number, ActiveLeg>();
  const move = (legId: number, state: ActiveLeg['state']): void => {
    const leg = legs.get(legId);
    if (leg) legs.set(legId, { ...leg, state });
  };
  for (const event of events) {
    switch (event.type) {
      case 'legDialing': {
        const { legId, role, callingNumber, calledNumber } = event;
        legs.set(legId, { legId, role, callingNumber, calledNumber, state: 'dialing' });
        break;
      }
      case 'legAnswered':
        move(event.legId, 'waiting');
        break;
      case 'talkStarted':
        for (const legId of event.legIds) move(legId, 'talking');
        break;
      case 'legEnded':
        move(event.legId, 'ended');
        break;
    }
  }
  return {
    callSessionId: started.callSessionId,
    direction: started.direction,
    startedAt: started.at,
    virtualNumber: started.virtualNumber,
    contact: started.contact,
    externalId: started.externalId ?? null,
    legs: [...legs.values()],
  };
}
