import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import type { Sink } from '../base/sink.ts';
import type { Trunk } from '../model/trunk.ts';
import { SipUserAgent } from '../sip/sip-user-agent.ts';
import type { TransportName } from '../sip/transport/hop.ts';
import type { SipListener } from '../sip/transport/open-transports.ts';
import type { IncomingInvite } from '../sip/user-agent.ts';
import { behaviourByNumber } from './number-rules.ts';
import type { PhoneBehaviour } from './phone-behaviour.ts';
import { dialledNumber, PhoneCall, type PhoneParts } from './phone-call.ts';
import type { PhoneEvent } from './phone-event.ts';
import { rtpSocketsOn } from './rtp-socket.ts';

export type SandboxOptions = {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The address to bind, for SIP and RTP. */
  readonly host: string;
  /** Port for SIP; any free one by default. */
  readonly sipPort?: number;
  /** How SIP is spoken; UDP by default. TLS needs an `identity`. */
  readonly transport?: TransportName;
  readonly identity?: SipListener['identity'];
  /** What the phone of a dialled number does; by its last two digits unless given. */
  readonly behaviours?: (number: string, invite: IncomingInvite) => PhoneBehaviour;
  /** Told of everything that happens at any phone. */
  readonly sink?: Sink<PhoneEvent>;
  /** Remember every call and what was heard and said in it; false by default. */
  readonly keepsRecords?: boolean;
};

export type Sandbox = {
  readonly sipAddress: SocketAddress;
  /** The way to it, for a server's routing: it serves every number. */
  readonly trunk: Trunk;
  /** Calls in the order they came; ended ones too if the sandbox keeps records. */
  readonly calls: readonly PhoneCall[];
  /** The latest call to this number. */
  call(number: string): PhoneCall | undefined;
  close(): Promise<void>;
};

/**
 * A small telephone network: one SIP port that acts as the trunk, and behind it a phone for any
 * number, each with RTP of its own. It takes calls and makes none.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, random, log, host, sink = () => {}, keepsRecords = false } = options;
  const behaviours = options.behaviours ?? behaviourByNumber;
  const parts: PhoneParts = {
    clock,
    random,
    log,
    openRtpSocket: rtpSocketsOn(host),
    keepsSound: keepsRecords,
  };
  const calls: PhoneCall[] = [];
  const { transport = 'udp', identity, sipPort: port = 0 } = options;
  const userAgent = await SipUserAgent.open({
    clock,
    random,
    log,
    listeners: [{ transport, host, port, ...(identity && { identity }) }],
    accepts: () => true,
    onInvite: (invite) => {
      const behaviour = behaviours(dialledNumber(invite), invite);
      const call = new PhoneCall(invite, behaviour, parts, (event) => {
        if (event.type === 'ended' && !keepsRecords) calls.splice(calls.indexOf(call), 1);
        sink(event);
      });
      calls.push(call);
      call.start().catch((error: unknown) => log.error({ error }, 'a sandbox phone failed'));
    },
  });
  return {
    sipAddress: userAgent.sentBy,
    trunk: trunkTo(userAgent.sentBy, transport),
    calls,
    call: (number) => calls.findLast((call) => call.number === number),
    close: async () => {
      for (const call of calls.slice()) call.hangUp();
      await userAgent.close();
    },
  };
}

function trunkTo(address: SocketAddress, transport: TransportName): Trunk {
  return {
    name: 'sandbox',
    address,
    domain: address.host,
    transport,
    codecs: ['PCMA', 'PCMU'],
    callerId: { header: 'From', form: 'digits' },
    prefixes: [''],
  };
}
