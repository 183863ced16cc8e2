import type { CallEvent } from '../model/call-event.ts';
import type { Role } from '../model/party.ts';
import type { PhoneEvent } from '../sandbox/phone-event.ts';
import type { Rung } from './ladder.ts';

/** How a thing that happens at a phone is drawn; undefined: it is not. */
export function rungOfPhoneEvent(role: Role, event: PhoneEvent): Rung | undefined {
  const says = (text: string): Rung => ({ kind: 'arrow', role, way: 'from', text });
  switch (event.type) {
    case 'ringing':
      return says('rings');
    case 'earlyMedia':
      return says('183, early media');
    case 'answered':
      return says('answers');
    case 'keyPressed':
      return says(`presses ${event.key}${event.by === 'info' ? ' (INFO)' : ''}`);
    case 'dtmfHeard':
      return { kind: 'sound', role, text: `key ${event.key}` };
    case 'held':
      return says('holds');
    case 'unheld':
      return says('takes back');
    case 'ended':
      return event.by === 'phone'
        ? says(event.how === 'rejected' ? `refuses: ${event.status}` : 'hangs up')
        : { kind: 'arrow', role, way: 'to', text: event.how === 'cancelled' ? 'CANCEL' : 'BYE' };
    default:
      return undefined;
  }
}

/** How an event of the server is drawn; undefined: the phones show it themselves. */
export function rungOfCallEvent(role: Role | undefined, event: CallEvent): Rung | undefined {
  switch (event.type) {
    case 'legDialing':
      return {
        kind: 'arrow',
        role: event.role,
        way: 'to',
        text: `INVITE from ${event.callingNumber}`,
      };
    case 'legConfirmed':
      return { kind: 'remark', text: 'that is the key: confirmed' };
    case 'hearing':
      return role && hearing(role, event.what);
    case 'talkStarted':
      return { kind: 'talk', text: 'connected: they talk' };
    case 'callEnded':
      return { kind: 'remark', text: `the call is over: ${event.finishReason}` };
    default:
      return undefined;
  }
}

function hearing(
  role: Role,
  what: Extract<CallEvent, { type: 'hearing' }>['what'],
): Rung | undefined {
  if (what === 'nothing') return undefined;
  if ('prompt' in what) return { kind: 'sound', role, text: what.prompt };
  const other = role === 'operator' ? 'contact' : 'operator';
  return { kind: 'sound', role, text: `the ${other}’s line` };
}
