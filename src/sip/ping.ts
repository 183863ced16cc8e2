import { acceptHeader, type SessionHost } from './dialog/session-host.ts';
import { SipRequest } from './message/sip-message.ts';
import type { InviteTarget } from './user-agent.ts';

/**
 * Asks by OPTIONS outside a dialog (RFC 3261 section 11) whether the target is there. Resolves with the
 * status of the final response, 408 for none, 503 when nothing could be sent (section 8.1.3.1).
 */
export function ping(
  host: SessionHost,
  { requestUri, nextHop }: Pick<InviteTarget, 'requestUri' | 'nextHop'>,
): Promise<number> {
  const request = new SipRequest({ method: 'OPTIONS', requestUri });
  const { headers } = request;
  const contact = host.contactOf(undefined, nextHop);
  headers.add('Max-Forwards', '70');
  headers.add('From', `${contact};tag=${host.newTag()}`);
  headers.add('To', `<${requestUri}>`);
  headers.add('Call-ID', host.newCallId());
  headers.add('CSeq', '1 OPTIONS');
  headers.add('Contact', contact);
  headers.add(...acceptHeader);
  const { promise, resolve } = Promise.withResolvers<number>();
  host.transactions.startRequest(request, nextHop, (event) => {
    if (event.type === 'response' && event.response.status >= 200) resolve(event.response.status);
    else if (event.type === 'timedOut') resolve(408);
    else if (event.type === 'transportFailed') resolve(503);
    else if (event.type === 'terminated') resolve(408); // The stack was closed meanwhile.
  });
  return promise;
}
