import { sameAddress } from '../base/address.ts';
import type { Timer } from '../base/clock.ts';
import type { Sink } from '../base/sink.ts';
import type { Credentials } from '../model/trunk.ts';
import type { SessionHost } from './dialog/session-host.ts';
import {
  type AuthorizationHeader,
  type AuthorizationTries,
  TrunkAuthorization,
} from './dialog/trunk-authorization.ts';
import { parseNameAddr } from './message/name-addr.ts';
import { SipRequest, type SipResponse } from './message/sip-message.ts';
import { type Table, TableMachine } from './transaction/table-machine.ts';
import type {
  ClientEvent,
  ClientHandle,
  ReceivedResponse,
} from './transaction/transaction-layer.ts';
import type { Hop } from './transport/hop.ts';

/** Where we register and as whom: RFC 3261 section 10. */
export type RegistrationTarget = {
  /** The domain, without a user: `sip:carrier.example`. */
  readonly registrar: string;
  /** The address-of-record, `sip:account7@carrier.example`; its user is that of our Contact. */
  readonly addressOfRecord: { readonly user: string; readonly uri: string };
  /** Where it is sent, in the order of trying; asked each time, since the DNS may have changed. */
  hops(): readonly Hop[];
  readonly credentials: Credentials;
  /** What we ask for; the registrar decides. Seconds. */
  readonly expires: number;
};

export type RegistrationEvent =
  | {
      readonly type: 'registered';
      /** Seconds until the binding ends unless it is refreshed, which happens well before. */
      readonly expires: number;
      /** What requests to the trunk carry as Route from now on: RFC 3608. */
      readonly serviceRoute: readonly string[];
    }
  /** Refused (the status), not answered (408) or not sent (503); it is tried again in `retryMs`. */
  | { readonly type: 'lost'; readonly status: number; readonly retryMs: number };

/** A binding that is kept until it is closed. */
export interface Registration {
  readonly isRegistered: boolean;
  /** Registers again at once: the trunk may have lost the binding. */
  renew(): void;
  /** Removes the binding; resolves when that is answered, or after two seconds. */
  close(): Promise<void>;
}

type State = 'registering' | 'registered' | 'waiting' | 'removing' | 'closed';
type Input = 'accepted' | 'failed' | 'timer' | 'renew' | 'close';
type Action = 'send' | 'keep' | 'lose' | 'remove' | 'finish' | 'cancelTimer';

/** RFC 3261 section 10.2: a request at a time; failures are tried again after RFC 5626 section 4.5. */
// biome-ignore format: a table
export const registrationTable: Table<State, Input, Action> = {
  registering: {
    accepted: ['registered', 'keep'],
    failed:   ['waiting', 'lose'],
    close:    ['removing', 'remove'],
  },
  registered: {
    timer:    ['registering', 'send'],
    renew:    ['registering', 'cancelTimer', 'send'],
    close:    ['removing', 'cancelTimer', 'remove'],
  },
  waiting: {
    timer:    ['registering', 'send'],
    renew:    ['registering', 'cancelTimer', 'send'],
    close:    ['closed', 'cancelTimer', 'finish'],
  },
  removing: {
    accepted: ['closed', 'cancelTimer', 'finish'],
    failed:   ['closed', 'cancelTimer', 'finish'],
    timer:    ['closed', 'finish'],
  },
  closed: {},
};

/** RFC 5626 section 4.5, for a trunk of which all flows failed. */
const firstRetryMs = 30_000;
const longestRetryMs = 1_800_000;
const longestExpires = 86_400;
const removalMs = 2_000;
/** A binding that would end sooner is refreshed no more often. */
const shortestRefreshMs = 5_000;

/** Keeps us registered with a trunk: refreshes in time, tries again after a loss, removes the binding. */
export class RegistrationClient implements Registration {
  readonly #host: SessionHost;
  readonly #target: RegistrationTarget;
  readonly #sink: Sink<RegistrationEvent>;
  readonly #machine: TableMachine<State, Input, Action>;
  #authorization: TrunkAuthorization | undefined;
  readonly #sipCallId: string;
  #hop: Hop | undefined;
  #contact = '';
  readonly #fromTag: string;
  readonly #closed = Promise.withResolvers<void>();
  #sequence = 0;
  #expires: number;
  #tries: AuthorizationTries = { count: 0 };
  #raised = false;
  #handle: ClientHandle | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  #isBound = false;
  #response: SipResponse | undefined;
  #status = 0;

  constructor(host: SessionHost, target: RegistrationTarget, sink: Sink<RegistrationEvent>) {
    this.#host = host;
    this.#target = target;
    this.#sink = sink;
    this.#expires = target.expires;
    this.#sipCallId = host.newCallId();
    this.#fromTag = host.newTag();
    this.#machine = new TableMachine(registrationTable, 'registering', {
      entered: () => {},
      act: (action) => this.#act(action),
    });
    this.#begin(this.#expires);
  }

  get isRegistered(): boolean {
    return this.#isBound;
  }

  renew(): void {
    this.#machine.input('renew');
  }

  close(): Promise<void> {
    this.#machine.input('close');
    return this.#closed.promise;
  }

  /** Without a further message: the whole stack is being closed. */
  stop(): void {
    this.#timer?.cancel();
    this.#handle?.abandon();
    this.#closed.resolve();
  }

  #act(action: Action): void {
    switch (action) {
      case 'send':
        return this.#begin(this.#expires);
      case 'keep':
        return this.#keep();
      case 'lose':
        return this.#lose();
      case 'remove':
        return this.#remove();
      case 'cancelTimer':
        return this.#timer?.cancel();
      case 'finish':
        this.#handle?.abandon();
        return this.#closed.resolve();
    }
  }

  #begin(expires: number): void {
    this.#tries = { count: 0 };
    this.#raised = false;
    if (this.#chooseHop()) return this.#send(expires);
    // Nobody knows where the trunk is. Told later, as a failure to send would be.
    this.#timer?.cancel();
    this.#timer = this.#host.clock.setTimer(0, () => this.#fail(503));
  }

  /** After a failure the next of the servers; while it goes well always the same. */
  #chooseHop(): boolean {
    const { addressOfRecord, credentials, hops } = this.#target;
    const known = hops();
    const isKept = this.#failures === 0 && known.some((hop) => isSameHop(hop, this.#hop));
    if (!isKept) {
      this.#hop = known[this.#failures % known.length];
      if (this.#hop === undefined) return false;
      this.#authorization = new TrunkAuthorization(credentials, this.#hop, this.#host.random);
    }
    // Names our end of the connection where nothing listens, and that may be a new one.
    this.#contact = this.#host.contactOf(addressOfRecord.user, this.#hop!);
    return true;
  }

  #send(expires: number, header?: AuthorizationHeader): void {
    const { registrar, addressOfRecord } = this.#target;
    const request = new SipRequest({ method: 'REGISTER', requestUri: registrar });
    const { headers } = request;
    headers.add('Max-Forwards', '70');
    headers.add('From', `<${addressOfRecord.uri}>;tag=${this.#fromTag}`);
    headers.add('To', `<${addressOfRecord.uri}>`);
    headers.add('Call-ID', this.#sipCallId);
    headers.add('CSeq', `${++this.#sequence} REGISTER`);
    headers.add('Contact', this.#contact);
    headers.add('Expires', `${expires}`);
    headers.add('Supported', 'path'); // RFC 3327 section 5.1
    if (header !== undefined) headers.add(...header);
    const sequence = this.#sequence;
    this.#handle = this.#host.transactions.startRequest(request, this.#hop!, (event) => {
      if (sequence === this.#sequence) this.#receive(expires, event);
    });
  }

  #receive(expires: number, event: ClientEvent): void {
    if (event.type === 'timedOut') this.#fail(408);
    else if (event.type === 'transportFailed') this.#fail(503);
    else if (event.type === 'response') this.#receiveResponse(expires, event.response);
  }

  #receiveResponse(expires: number, response: ReceivedResponse): void {
    const { status, message } = response;
    if (status < 200) return;
    if (status === 401 || status === 407) {
      const header = this.#authorization?.answerInvite(this.#handle!, response, this.#tries);
      if (header !== undefined) return this.#send(expires, header);
    }
    const least = status === 423 ? secondsOf(message.headers.get('Min-Expires')) : undefined;
    if (least !== undefined && least > expires && least <= longestExpires && !this.#raised) {
      this.#raised = true;
      this.#expires = least; // Section 10.2.8: asked for again with as much as it wants.
      this.#tries = { count: 0 };
      return this.#send(least);
    }
    this.#response = message;
    // A registrar that keeps nothing has refused, whatever it says.
    const isKept = status < 300 && (expires === 0 || this.#expiresIn(message) > 0);
    if (isKept) this.#machine.input('accepted');
    else this.#fail(status);
    this.#response = undefined;
  }

  #fail(status: number): void {
    this.#status = status;
    this.#machine.input('failed');
  }

  #keep(): void {
    const response = this.#response!;
    const expires = Math.min(this.#expiresIn(response), longestExpires);
    this.#failures = 0;
    this.#isBound = true;
    // Before nine tenths are over, and not at the same moment as everybody else: RFC 5626 section 4.4.1.
    const part = expires < 120 ? 0.5 : 0.8 + 0.1 * this.#host.random.next();
    this.#wait(Math.max(shortestRefreshMs, Math.round(expires * 1000 * part)));
    const serviceRoute = response.headers.values('Service-Route');
    this.#sink({ type: 'registered', expires, serviceRoute });
  }

  #lose(): void {
    this.#isBound = false;
    const asked = secondsOf(this.#response?.headers.get('Retry-After')) ?? 0;
    const upTo = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#failures++);
    const retryMs = Math.round(
      Math.max(
        Math.min(asked * 1000, longestRetryMs),
        upTo * (0.5 + 0.5 * this.#host.random.next()),
      ),
    );
    this.#wait(retryMs);
    this.#sink({ type: 'lost', status: this.#status, retryMs });
  }

  #remove(): void {
    this.#handle?.abandon();
    this.#isBound = false;
    this.#wait(removalMs);
    this.#begin(0);
  }

  #wait(ms: number): void {
    this.#timer = this.#host.clock.setTimer(ms, () => this.#machine.input('timer'));
  }

  /** Of our own Contact among all that the registrar lists: section 10.2.4. */
  #expiresIn(response: SipResponse): number {
    const contacts = response.headers.values('Contact').flatMap(readContact);
    const own = placeOf(this.#contact.slice(1, -1));
    // Some registrars write the URI in their own way; a lone one can only be ours.
    const contact = contacts.find(({ uri }) => placeOf(uri) === own) ?? contacts[0];
    const alone = contacts.length === 1 || placeOf(contact?.uri ?? '') === own;
    const named = alone ? secondsOf(contact?.expires) : undefined;
    return named ?? secondsOf(response.headers.get('Expires')) ?? this.#expires;
  }
}

function isSameHop(a: Hop, b: Hop | undefined): boolean {
  return b !== undefined && sameAddress(a, b) && a.transport === b.transport;
}

function readContact(value: string): { uri: string; expires: string | undefined }[] {
  try {
    const { uri, params } = parseNameAddr(value, 'Contact');
    const expires = params.get('expires');
    return [{ uri, expires: typeof expires === 'string' ? expires : undefined }];
  } catch {
    return [];
  }
}

/** User, host and port of a URI: without what a registrar may add. */
function placeOf(uri: string): string {
  return uri.split(/[;?]/, 1)[0]!.toLowerCase();
}

/** Delta-seconds; whatever stands behind them, as Retry-After may have, is passed over. */
function secondsOf(value: string | undefined): number | undefined {
  const digits = /^\s*(\d{1,9})/.exec(value ?? '')?.[1];
  return digits === undefined ? undefined : Number(digits);
}
