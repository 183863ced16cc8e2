import { formatSessionDescription } from '../../src/sdp/session-description-text.ts';
import { SipRequest } from '../../src/sip/message/sip-message.ts';
import type { IncomingInvite, InviteSession } from '../../src/sip/user-agent.ts';
import { createRig, type Rig, type Sent } from './scripted-peer.ts';

/** A call to the user agent, of which the scripted peer is the caller. */
export type Call = {
  rig: Rig;
  invite: () => IncomingInvite;
  session: () => InviteSession;
  setSession: (session: InviteSession) => void;
};

/** A rig that can be called; the peer is the caller. */
export function createCalled(options: Parameters<typeof createRig>[0] = {}): Call {
  let invite: IncomingInvite | undefined;
  let session: InviteSession | undefined;
  const rig: Rig = createRig({
    onInvite: (incoming) => {
      invite = incoming;
      rig.log.push(`${rig.clock.now()} invited`);
      incoming.onCancelled(() => rig.log.push(`${rig.clock.now()} cancelled`));
    },
    ...options,
  });
  return {
    rig,
    invite: () => invite!,
    session: () => session!,
    setSession: (value) => {
      session = value;
    },
  };
}

/** A request of a caller outside a dialog, or with the called party's tag inside it. */
export function callerRequest(
  rig: Rig,
  method: string,
  sent: Sent & { toTag?: string; requestUri?: string; via?: string } = {},
): void {
  const { requestUri = 'sip:100@10.0.0.1', toTag, sdp, sequence = 1, tag = 'caller' } = sent;
  const request = new SipRequest({ method, requestUri });
  const { headers } = request;
  headers.add('Via', sent.via ?? rig.peer.via(sent.sameBranch === true ? 0 : 1));
  headers.add('Max-Forwards', '70');
  headers.add('From', `"Anna" <sip:7499%230@10.0.0.2>;tag=${tag}`);
  headers.add('To', `<sip:100@10.0.0.1>${toTag === undefined ? '' : `;tag=${toTag}`}`);
  headers.add('Call-ID', 'one');
  headers.add('CSeq', `${sequence} ${method}`);
  if (sent.contact !== null) headers.add('Contact', sent.contact ?? '<sip:anna@10.0.0.2>');
  for (const [name, value] of sent.headers ?? []) headers.add(name, value);
  if (sdp !== undefined) {
    headers.add('Content-Type', 'application/sdp');
    request.body = Buffer.from(typeof sdp === 'string' ? sdp : formatSessionDescription(sdp));
  }
  if (sent.body !== undefined) request.body = Buffer.from(sent.body);
  rig.peer.send(request);
}

/** The same in the dialog that our last response to an INVITE named. */
export const inDialog = ({ rig }: Call, method: string, sent: Sent = {}): void => {
  const toTag = rig.peer.lastResponse('INVITE').to.tag!;
  callerRequest(rig, method, { toTag, ...sent });
};
