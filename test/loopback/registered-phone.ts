// A phone of an employee over real sockets: it registers for its SIP line and takes calls.
import type { SocketAddress } from '../../src/base/address.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { PhoneBehaviour } from '../../src/sandbox/phone-behaviour.ts';
import { PhoneCall } from '../../src/sandbox/phone-call.ts';
import type { PhoneEvent } from '../../src/sandbox/phone-event.ts';
import { rtpSocketsOn } from '../../src/sandbox/rtp-socket.ts';
import { SipUserAgent } from '../../src/sip/sip-user-agent.ts';
import type { IncomingInvite } from '../../src/sip/user-agent.ts';

const host = '127.0.0.1';

export class RegisteredPhone {
  readonly invites: IncomingInvite[] = [];
  readonly events: PhoneEvent[] = [];
  readonly #userAgent: SipUserAgent;
  readonly #leave: () => Promise<void>;

  /** Resolves once it is registered; rejects with the status that refused it. */
  static async open(options: {
    readonly server: SocketAddress;
    readonly line: string;
    readonly password: string;
    readonly behaviour: PhoneBehaviour;
  }): Promise<RegisteredPhone> {
    const { server, line, password, behaviour } = options;
    const [clock, random, log] = [systemClock, systemRandom(), silentLogger];
    const parts = { clock, random, log, openRtpSocket: rtpSocketsOn(host), keepsSound: true };
    const invites: IncomingInvite[] = [];
    const events: PhoneEvent[] = [];
    const userAgent = await SipUserAgent.openUdp({
      clock,
      random,
      log,
      host,
      port: 0,
      accepts: () => true,
      onInvite: (invite) => {
        invites.push(invite);
        const call = new PhoneCall(invite, behaviour, parts, (event) => events.push(event));
        void call.start();
      },
    });
    const registered = Promise.withResolvers<void>();
    const registration = userAgent.register(
      {
        registrar: 'sip:dozvon',
        addressOfRecord: { user: line, uri: `sip:${line}@dozvon` },
        hops: () => [server],
        credentials: { username: line, password },
        expires: 60,
      },
      (event) => {
        if (event.type === 'registered') registered.resolve();
        else registered.reject(new Error(`refused with ${event.status}`));
      },
    );
    try {
      await registered.promise;
    } catch (error) {
      await userAgent.close();
      throw error;
    }
    return new RegisteredPhone(userAgent, () => registration.close(), invites, events);
  }

  private constructor(
    userAgent: SipUserAgent,
    leave: () => Promise<void>,
    invites: IncomingInvite[],
    events: PhoneEvent[],
  ) {
    this.#userAgent = userAgent;
    this.#leave = leave;
    this.invites = invites;
    this.events = events;
  }

  /** Unregisters; the phone goes on to exist. */
  leave(): Promise<void> {
    return this.#leave();
  }

  async close(): Promise<void> {
    await this.#leave();
    await this.#userAgent.close();
  }
}
