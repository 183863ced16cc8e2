import type { Logger } from '../base/logger.ts';
import { maskNumber } from '../base/redact.ts';
import type { Sink } from '../base/sink.ts';
import type { CallEvent } from '../model/call-event.ts';

/** Writes the life of each call into the log: what an operator of the service reads first. Numbers masked. */
export function callLog(log: Logger): Sink<CallEvent> {
  return (event) => {
    const { callSessionId, type } = event;
    switch (event.type) {
      case 'callStarted': {
        const { contact, operator, direction } = event;
        const numbers = { contact: maskNumber(contact), operator: maskNumber(operator) };
        return log.info({ callSessionId, direction, ...numbers }, 'call started');
      }
      case 'legDialing': {
        const { legId, role, trunk } = event;
        return log.debug({ callSessionId, legId, role, trunk }, 'leg dialing');
      }
      case 'legRerouted': {
        const { legId, trunk, cause } = event;
        return log.info({ callSessionId, legId, trunk, ...cause }, 'leg goes on by another trunk');
      }
      case 'legEnded': {
        const { legId, by, cause, finishReason, quality } = event;
        const fields = { callSessionId, legId, by, ...cause, finishReason };
        return log.info(quality ? { ...fields, quality } : fields, 'leg ended');
      }
      case 'callEnded':
        return log.info({ callSessionId, finishReason: event.finishReason }, 'call ended');
      default:
        return log.debug({ callSessionId, ...('legId' in event && { legId: event.legId }) }, type);
    }
  };
}
