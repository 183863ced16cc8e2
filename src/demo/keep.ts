import { formatAddress } from '../base/address.ts';
import { demoLogin, virtualNumber } from './demo-config.ts';
import type { Stage } from './stage.ts';

/** How to use the server that `--keep` leaves running. */
export function keepInstructions({ server, api, password }: Stage): string {
  const call = (method: string, params: object): string =>
    `  curl -s ${api.url} -H 'Content-Type: application/json' -d '${JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params,
    })}'\n`;
  return [
    `The server goes on: Call API at ${api.url}, SIP at ${formatAddress(server.sipAddress)}.\n`,
    'Log in, then call with the access_token of the answer:\n\n',
    call('login.user', { login: demoLogin, password }),
    call('start.simple_call', {
      access_token: '…',
      first_call: 'operator',
      virtual_phone_number: virtualNumber,
      operator: '79990000100',
      contact: '79260000100',
    }),
    '\nAny number can be dialled; its last two digits say what it does (docs/operating/sandbox.md).\n',
    'Ctrl-C ends it.\n',
  ].join('');
}
