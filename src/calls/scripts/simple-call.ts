import type { SimpleCallOrder } from '../../model/simple-call-order.ts';
import { isSipLine } from '../../model/sip-line-number.ts';
import type { Call, CallScript, Party } from '../call.ts';

/** start.simple_call: ring one party, then the other, then let them talk (spec/simple-call.md). */
export const simpleCall: CallScript<SimpleCallOrder> = async (call, order) => {
  await (order.firstCall === 'operator' ? operatorFirst : contactFirst)(call, order);
  await call.talk();
};

async function operatorFirst(call: Call, order: SimpleCallOrder): Promise<void> {
  const operator = await call.dial(operatorOf(order));
  const message = operator.play(order.operatorMessage);
  await message.heard(); // R1: to the end, whatever switch_at_once is.
  if (operator.owesKey) operator.loop(order.music);
  await operator.confirmed(message);

  if (!order.earlySwitching) operator.loop(order.music); // R2
  const earlyLine = order.earlySwitching ? { heardBy: operator, ringback: order.ringback } : {}; // R11
  const contact = await call.dial(contactOf(order), earlyLine);

  // R4; with switch_at_once the contact's message is not begun: R3.
  if (!order.switchAtOnce) await contact.play(order.contactMessage).heard();
  call.bridge(operator, contact);
}

async function contactFirst(call: Call, order: SimpleCallOrder): Promise<void> {
  const contact = await call.dial(contactOf(order));
  const contactMessage = contact.play(order.contactMessage, { thenLoop: order.music }); // R5, R8

  const operator = await call.dial(operatorOf(order));
  if (operator.owesKey || !order.switchAtOnce) {
    const operatorMessage = operator.play(order.operatorMessage, { thenLoop: order.music });
    await operator.confirmed(operatorMessage);
    if (!order.switchAtOnce) await Promise.all([contactMessage.heard(), operatorMessage.heard()]); // R7
  }
  call.bridge(operator, contact); // R6: whatever is still playing is cut on both legs.
}

/**
 * Whom the operator sees calling: the virtual number, or the contact (section 5). The number of a SIP
 * line means nothing outside, and a trunk would refuse it.
 */
function operatorOf(order: SimpleCallOrder): Party {
  const showsVirtual = order.showVirtualNumber || isSipLine(order.contact);
  return {
    role: 'operator',
    number: order.operator,
    callerId: showsVirtual ? order.virtualNumber : order.contact,
    virtualNumber: order.virtualNumber,
    confirmation: order.operatorConfirmation,
  };
}

function contactOf(order: SimpleCallOrder): Party {
  return {
    role: 'contact',
    number: order.contact,
    callerId: order.virtualNumber,
    virtualNumber: order.virtualNumber,
    postDial: order.dtmfString,
  };
}
