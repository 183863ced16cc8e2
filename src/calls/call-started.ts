import type { CallEventOf } from '../model/call-event.ts';
import type { SimpleCallOrder } from '../model/simple-call-order.ts';

type CallStarted = Omit<CallEventOf<'callStarted'>, 'callSessionId' | 'accountId' | 'at'>;

/** What is published of an order when its call begins. */
export function callStarted(order: SimpleCallOrder): CallStarted {
  const { direction, virtualNumber, contact, operator, externalId } = order;
  return {
    type: 'callStarted',
    source: 'callapi',
    direction,
    virtualNumber,
    contact,
    operator,
    ...(externalId === undefined ? {} : { externalId }),
  };
}
