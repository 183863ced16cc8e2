import type { SipRequest } from '../message/sip-message.ts';
import type { ReceivedResponse } from '../transaction/transaction-layer.ts';
import type { Dialog } from './dialog.ts';
import type { SessionHost } from './session-host.ts';
import type { AuthorizationHeader, TrunkAuthorization } from './trunk-authorization.ts';

export type InDialogRequest = {
  readonly host: SessionHost;
  readonly dialog: Dialog;
  readonly method: 'BYE' | 'INFO' | 'PRACK' | 'UPDATE';
  /** Answers challenges; undefined: there is nothing to answer with. */
  readonly authorization: TrunkAuthorization | undefined;
  /** Adds headers and body. */
  fill?(request: SipRequest): void;
  /** The final response, or undefined after a timeout or failure to send. */
  responded?(response: ReceivedResponse | undefined): void;
  /** Nothing of it is left. */
  finished(): void;
};

/** Sends a request other than INVITE in a dialog, once more if the trunk challenges it. */
export function sendInDialog(options: InDialogRequest): void {
  const { host, dialog, authorization } = options;
  const tries = { count: 0 };
  let left = 0;
  const attempt = (header?: AuthorizationHeader): void => {
    const request = dialog.createRequest(options.method);
    options.fill?.(request);
    if (header !== undefined) request.headers.add(...header);
    left++;
    const sent = host.transactions.startRequest(request, dialog.destination, (event) => {
      if (event.type === 'response' && event.response.status >= 200) {
        const answer = authorization?.answerInDialog(sent, event.response, tries);
        if (answer === undefined) options.responded?.(event.response);
        else attempt(answer);
      } else if (event.type === 'timedOut' || event.type === 'transportFailed') {
        options.responded?.(undefined);
      } else if (event.type === 'terminated' && --left === 0) {
        options.finished();
      }
    });
  };
  attempt();
}
