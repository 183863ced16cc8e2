import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import type { SessionDescription } from '../sdp/session-description.ts';
import { SipUserAgent } from '../sip/sip-user-agent.ts';
import type { InviteSession, InviteSessionEvent } from '../sip/user-agent.ts';
import { Ear } from './ear.ts';
import { Mouth } from './mouth.ts';
import { agree, describeOffer } from './negotiation.ts';
import { startPacer } from './pacer.ts';
import type { PhoneBehaviour } from './phone-behaviour.ts';
import type { PhoneEvent } from './phone-event.ts';
import { rtpSocketsOn } from './rtp-socket.ts';
import { decodeG711, encodeG711, formatRtp, parseRtp } from './rtp-wire.ts';
import { type Sandbox, startSandbox } from './sandbox.ts';
import { tone } from './sounds.ts';

const host = '127.0.0.1';
const ability = { codecs: ['PCMU'], telephoneEvent: true, srtp: false } as const;

/** A caller of the tests: places one call into a sandbox whose every phone behaves as told. */
async function callPhone(
  behaviour: PhoneBehaviour,
  body: (caller: Caller, sandbox: Sandbox, told: readonly PhoneEvent[]) => Promise<void>,
): Promise<string[]> {
  const happened: PhoneEvent[] = [];
  const parts = { clock: systemClock, random: seededRandom(1), log: silentLogger, host };
  const sandbox = await startSandbox({
    ...parts,
    behaviours: () => behaviour,
    keepsRecords: true,
    sink: (event) => happened.push(event),
  });
  const userAgent = await SipUserAgent.openUdp({ ...parts, port: 0, accepts: () => true });
  const caller = await Caller.call(userAgent, sandbox);
  try {
    await body(caller, sandbox, happened);
    await caller.ended;
  } finally {
    caller.close();
    await userAgent.close();
    await sandbox.close();
  }
  return happened.map(({ type, ...event }) => {
    if ('how' in event) return `${type} ${event.how} by ${event.by}`;
    return 'key' in event ? `${type} ${event.key}` : type;
  });
}

/** Lets the loop turn until it holds. */
async function turnsUntil(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

class Caller {
  readonly events: InviteSessionEvent[] = [];
  readonly ear = new Ear({ keepsSound: true });
  readonly #mouth = new Mouth({ firstTimestamp: 5, keepsSound: false });
  readonly #ended = Promise.withResolvers<void>();
  readonly #waiters = new Set<() => void>();
  session!: InviteSession;
  close!: () => void;

  static async call(userAgent: SipUserAgent, sandbox: Sandbox): Promise<Caller> {
    const caller = new Caller();
    const socket = await rtpSocketsOn(host)((bytes) => {
      const packet = parseRtp(bytes)!;
      if (packet.payloadType === 101) caller.ear.hearEvent(packet, systemClock.now());
      else {
        caller.ear.hearSound(packet, decodeG711('PCMU', packet.payload), systemClock.now());
      }
    });
    let remote: { host: string; port: number } | undefined;
    let sequenceNumber = 0;
    const pacer = startPacer(systemClock, 20, () => {
      for (const spoken of caller.#mouth.next()) {
        if (remote === undefined) continue;
        const isEvent = 'event' in spoken;
        const payload = isEvent ? spoken.event : encodeG711('PCMU', spoken.samples);
        const { marker, timestamp } = spoken;
        const payloadType = isEvent ? 101 : 0;
        sequenceNumber++;
        socket.send(
          formatRtp({ marker, payloadType, sequenceNumber, timestamp, ssrc: 9, payload }),
          remote,
        );
      }
    });
    const local = { address: socket.address, version: 1, sessionId: '1', srtpKey: '' };
    const offer = describeOffer(ability, 'sendrecv', local, undefined);
    const target = {
      requestUri: `sip:79260000000@${host}`,
      nextHop: sandbox.sipAddress,
      from: { uri: `sip:74993720692@${host}` },
    };
    caller.session = userAgent.invite(target, offer, (event) => {
      caller.events.push(event);
      if (event.type === 'answered') remote = agree(event.answer, ability)?.remote;
      if (event.type === 'offered') event.accept(mirrored(event.offer, offer));
      if (event.type === 'terminated') caller.#ended.resolve();
      for (const wake of caller.#waiters) wake();
    });
    caller.close = () => {
      pacer.cancel();
      socket.close();
    };
    return caller;
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  speak(sound: Int16Array): void {
    this.#mouth.speak(sound, { loop: true });
  }

  press(key: string): void {
    this.#mouth.press(key);
  }

  /** Resolves at an event of this type. */
  async until(type: InviteSessionEvent['type']): Promise<void> {
    while (!this.events.some((event) => event.type === type)) {
      await new Promise<void>((resolve) => this.#waiters.add(resolve));
    }
  }
}

/** The answer of a caller that does whatever the phone wants. */
function mirrored(offer: SessionDescription, own: SessionDescription): SessionDescription {
  const direction = offer.media[0]!.direction === 'sendonly' ? 'recvonly' : 'sendrecv';
  return { ...own, media: [{ ...own.media[0]!, direction }] };
}

const answers = (afterMs: number) => ({ type: 'answers', afterMs }) as const;

test('a phone rings, answers, speaks, is heard, hears, presses keys and hangs up', async () => {
  const happened = await callPhone(
    {
      ringsAfterMs: 20,
      final: answers(60),
      speaks: { sound: tone(900, 1000), loop: true },
      presses: [{ key: '7', afterAnswerMs: 120, by: 'rtp' }],
      hangsUpAfterAnswerMs: 500,
    },
    async (caller, sandbox) => {
      caller.speak(tone(400, 1000));
      await caller.until('answered');
      caller.press('3');
      await caller.ended;
      const heard = caller.ear.record();
      assert.deepEqual(
        heard.keys.map(({ key, durationMs, endPackets }) => [key, durationMs, endPackets]),
        [['7', 120, 3]],
      );
      assert.deepEqual(heard.gaps, []);
      assert.ok(crossings(heard.samples, 900) > 0.9, 'the phone is heard');
      const phone = sandbox.calls[0]!;
      assert.equal(phone.from, '74993720692');
      assert.ok(crossings(phone.heard.samples, 400) > 0.9, 'the phone hears');
    },
  );
  assert.deepEqual(
    happened.filter((text) => text !== 'dtmfHeard 3'),
    ['invited', 'ringing', 'answered', 'keyPressed 7', 'ended hungUp by phone'],
  );
  assert.ok(happened.includes('dtmfHeard 3'));
});

/** The share of zero crossings a tone of `hz` would have, in the loud part of a recording. */
function crossings(samples: Int16Array, hz: number): number {
  let count = 0;
  let loud = 0;
  for (let at = 1; at < samples.length; at++) {
    if (Math.abs(samples[at]!) > 300 || Math.abs(samples[at - 1]!) > 300) loud++;
    if (samples[at - 1]! < 0 !== samples[at]! < 0) count++;
  }
  const share = count / 2 / ((loud / 8000) * hz);
  return share > 1 ? 1 / share : share;
}

test('early media is heard before the refusal', async () => {
  const happened = await callPhone(
    {
      earlyMedia: { afterMs: 10, rtpAfterMs: 10, sound: tone(1700, 100), loop: true },
      final: { type: 'rejects', afterMs: 300, status: 480 },
    },
    async (caller) => {
      await caller.ended;
      assert.deepEqual(
        caller.events.map((event) => ('status' in event ? event.status : event.type)),
        ['trying', 183, 480],
      );
      const { samples, gaps } = caller.ear.record();
      assert.ok(samples.length > 8 * 200 && gaps.length === 0);
      assert.ok(crossings(samples, 1700) > 0.9);
    },
  );
  assert.deepEqual(happened, ['invited', 'earlyMedia', 'ended rejected by phone']);
});

test('hold and back by re-INVITE, a key by INFO, and the caller hangs up', async () => {
  const happened = await callPhone(
    {
      final: answers(0),
      holds: { afterAnswerMs: 60, forMs: 60 },
      presses: [{ key: '#', afterAnswerMs: 20, by: 'info' }],
    },
    async (caller, sandbox, told) => {
      await caller.until('infoDtmf');
      await turnsUntil(() => told.some(({ type }) => type === 'unheld'));
      caller.session.terminate({ type: 'normal' });
      await turnsUntil(() => sandbox.calls[0]!.isOver);
    },
  );
  assert.deepEqual(happened, [
    'invited',
    'answered',
    'keyPressed #',
    'held',
    'unheld',
    'ended hungUp by caller',
  ]);
});

test('a caller that gives up is noticed: the phone stops ringing', async () => {
  const happened = await callPhone(
    { ringsAfterMs: 0, final: { type: 'neverAnswers' } },
    async (caller, sandbox) => {
      await caller.until('progress');
      caller.session.terminate({ type: 'otherLegEnded' });
      await turnsUntil(() => sandbox.calls[0]!.isOver);
    },
  );
  assert.deepEqual(happened, ['invited', 'ringing', 'ended cancelled by caller']);
});

test('no common codec: 488', async () => {
  const happened = await callPhone({ final: answers(0), codecs: [] }, (caller) => caller.ended);
  assert.deepEqual(happened, ['invited', 'ended rejected by phone']);
});
