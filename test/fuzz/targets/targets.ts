import type { FuzzTarget } from '../fuzz-target.ts';
import { digest } from './digest.ts';
import { openJsonRpc } from './json-rpc.ts';
import { rtcp } from './rtcp.ts';
import { rtp } from './rtp.ts';
import { sdp } from './sdp.ts';
import { sipAgent } from './sip-agent.ts';
import { sipMessage } from './sip-message.ts';
import { uri } from './uri.ts';

type Entry = {
  open(): FuzzTarget | Promise<FuzzTarget>;
  /** Inputs of a bounded run: about a second of work. */
  readonly inputs: number;
};

/** Everything of the server that reads what strangers send, by name. */
export const targets: Readonly<Record<string, Entry>> = {
  'sip-message': { open: () => sipMessage, inputs: 5_000 },
  'sip-agent': { open: () => sipAgent, inputs: 600 },
  uri: { open: () => uri, inputs: 8_000 },
  sdp: { open: () => sdp, inputs: 4_000 },
  digest: { open: () => digest, inputs: 8_000 },
  rtp: { open: () => rtp, inputs: 4_000 },
  rtcp: { open: () => rtcp, inputs: 20_000 },
  'json-rpc': { open: openJsonRpc, inputs: 1_500 },
};
