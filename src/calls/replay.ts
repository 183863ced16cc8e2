import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { CallEvent } from '../model/call-event.ts';
import type { SimpleCallOrder } from '../model/simple-call-order.ts';
import type { Trunk } from '../model/trunk.ts';
import type { JournalEntry } from '../store/store.ts';
import { Call, type CallParts } from './call.ts';
import type { CallInput } from './call-input.ts';
import type { CallLimits } from './call-limits.ts';
import { callStarted } from './call-started.ts';
import { internalError } from './ends.ts';
import { simpleCall } from './scripts/simple-call.ts';

type Input = { readonly at: number; readonly input: CallInput };
/** A trunk that a leg was on; `leftAfterMs`: it did not respond, and the leg went on by the next one. */
type Way = { readonly legId: number; readonly trunk: string; readonly leftAfterMs: number };

/**
 * Everything that was published about a call, made again by running its script over its journal, and
 * then its end: at the last instant the journal tells of, as `internal_error`. Nothing is dialled.
 * Throws for a journal that does not begin with an order.
 */
export async function replayToEnd(entries: readonly JournalEntry[]): Promise<CallEvent[]> {
  const [first] = entries;
  const inputs: readonly Input[] = entries.map(({ at, kind, data }) => {
    return { at, input: { kind, ...(JSON.parse(data) as object) } as CallInput };
  });
  const start = inputs[0]?.input;
  if (first === undefined || start?.kind !== 'order')
    throw new Error('the journal does not begin with an order');
  const { order } = start;
  const clock = new VirtualClock({ wallStart: first.at });
  const events: CallEvent[] = [];
  const call = new Call({
    ...silentParts(waysOf(inputs)),
    callSessionId: first.callSessionId,
    accountId: order.accountId,
    clock,
    publish: (event) => events.push(event),
  });
  call.publish(callStarted(order));
  void call.run(simpleCall, order satisfies SimpleCallOrder);
  for (const { at, input } of inputs) {
    // The clock of the wall may have been set back meanwhile.
    await clock.advance(Math.max(0, at - clock.wallTime()));
    if (input.kind === 'leg' || input.kind === 'command') call.receive(input);
  }
  await clock.advance(0);
  call.end(internalError);
  return events;
}

const never = Number.MAX_SAFE_INTEGER;
/** Had one of them run out, the call would have ended, and its journal with it. */
const noLimits: CallLimits = {
  operatorRingMs: never,
  contactRingMs: never,
  confirmationMs: never,
  longestCallMs: never,
  silenceMs: never,
};

/**
 * Every trunk that was taken, in order. That one did not respond is no input, so it is seen by the next
 * one: a leg leaves a trunk with an end of its line, or because nothing came.
 */
function waysOf(inputs: readonly Input[]): readonly Way[] {
  return inputs.flatMap(({ at, input }, index) => {
    if (input.kind !== 'dial') return [];
    const { legId, trunk } = input;
    const next = inputs.findIndex(
      (it, later) => later > index && it.input.kind === 'dial' && it.input.legId === legId,
    );
    const before = inputs[next - 1]?.input;
    const ended = before?.kind === 'leg' && before.event.type === 'ended';
    const leftAfterMs = next < 0 || ended ? never : inputs[next]!.at - at;
    return [{ legId, trunk, leftAfterMs }];
  });
}

/** Parts that do nothing, and tell of each leg what the journal says of it. */
function silentParts(
  ways: readonly Way[],
): Omit<CallParts, 'callSessionId' | 'accountId' | 'clock' | 'publish'> {
  const legIds = [...new Set(ways.map(({ legId }) => legId))];
  /** Of the leg that is being dialled: there is one at a time. */
  let ahead: Way[] = [];
  return {
    limits: noLimits,
    log: silentLogger,
    journal: () => {},
    nextLegId: () => {
      const legId = legIds.shift();
      if (legId === undefined) throw new Error('the journal tells of no further leg');
      ahead = ways.filter((way) => way.legId === legId);
      return legId;
    },
    routing: {
      choose: () => {
        const { trunk = '', leftAfterMs = never } = ahead.shift() ?? {};
        if (trunk === '') return { refused: 'noRoute' };
        const taken = { ...nowhere, name: trunk, noResponseMs: leftAfterMs };
        return { trunk: taken, target, release: () => {} };
      },
      hasOther: () => ahead.length > 0,
      failed: () => {},
      worked: () => {},
    },
    dialer: { dial: () => ({ hear() {}, sendDtmf() {}, hangUp() {} }) },
  };
}

const hop = { host: '', port: 0 };
const nowhere: Trunk = {
  name: '',
  address: hop,
  domain: '',
  transport: 'udp',
  codecs: [],
  callerId: { header: 'From', form: 'digits' },
  prefixes: [],
};
const target = { requestUri: '', nextHop: hop, from: { uri: '' }, headers: [] };
