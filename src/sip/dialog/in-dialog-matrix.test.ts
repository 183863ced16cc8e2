import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  audio,
  createRig,
  leftovers,
  nothing,
  type Rig,
  type Sent,
} from '../../../test/simulation/scripted-peer.ts';
import type { InviteSession, InviteSessionEvent } from '../user-agent.ts';

type Call = { readonly rig: Rig; readonly session: InviteSession };

const flush = ({ rig }: Call): Promise<void> => rig.clock.advance(0);
const offered = ({ rig }: Call): Extract<InviteSessionEvent, { type: 'offered' }> => {
  const event = rig.events.findLast(({ type }) => type === 'offered');
  assert.ok(event?.type === 'offered');
  return event;
};

/** How a call comes into each state in which a request of the peer may find it. */
const states: Record<string, (call: Call) => Promise<void>> = {
  established: async () => {},
  'our re-INVITE on its way': async (call) => {
    call.session.reinvite(audio(3002)).catch(() => {});
    await flush(call);
  },
  'our re-INVITE waits after a glare': async (call) => {
    await states['our re-INVITE on its way']!(call);
    call.rig.peer.respond(call.rig.peer.last('INVITE'), 491);
    await flush(call);
  },
  'the peer waits for our answer': async (call) => {
    call.rig.peer.request('UPDATE', { sdp: audio(4004) });
    await flush(call);
  },
  'our 200 has no ACK': async (call) => {
    call.rig.peer.request('INVITE', { sdp: audio(4004) });
    await flush(call);
    offered(call).accept(audio(3000));
    await flush(call);
  },
  'our 200 made an offer and has no ACK': async (call) => {
    call.rig.peer.request('INVITE', {});
    await flush(call);
  },
  'we have hung up': async (call) => {
    call.session.terminate({ type: 'normal' });
    await flush(call);
  },
  'the peer has hung up': async (call) => {
    call.rig.peer.request('BYE');
    await flush(call);
  },
};

const requests: Record<string, readonly [method: string, sent: Sent]> = {
  'INVITE, offer': ['INVITE', { sdp: audio(4010) }],
  'INVITE, no offer': ['INVITE', {}],
  'INVITE, unreadable': ['INVITE', { sdp: 'v=0\r\nm=x' }],
  'UPDATE, offer': ['UPDATE', { sdp: audio(4010) }],
  'UPDATE, no offer': ['UPDATE', {}],
  'UPDATE, unreadable': ['UPDATE', { sdp: 'v=0\r\nm=x' }],
  INFO: ['INFO', {}],
  OPTIONS: ['OPTIONS', {}],
  PRACK: ['PRACK', { headers: [['RAck', '1 1 INVITE']] }],
  REFER: ['REFER', { headers: [['Refer-To', '<sip:evil@10.0.0.66>']] }],
  BYE: ['BYE', {}],
};

/** `ask`: it goes up, and is answered as our side decides; a number is the response at once. */
type Outcome = 'ask' | number;

// biome-ignore format: a table
const matrix: Record<string, readonly Outcome[]> = {
  //                                       INVITE: offer none  bad  UPDATE: offer none bad  INFO OPTIONS PRACK REFER BYE
  'established':                          ['ask', 200, 488, 'ask', 200, 488, 200, 200, 481, 405, 200],
  'our re-INVITE on its way':             [491,   491, 491, 491,   200, 491, 200, 200, 481, 405, 200],
  'our re-INVITE waits after a glare':    ['ask', 200, 488, 'ask', 200, 488, 200, 200, 481, 405, 200],
  'the peer waits for our answer':        [500,   500, 500, 500,   200, 500, 200, 200, 481, 405, 200],
  'our 200 has no ACK':                   ['ask', 200, 488, 'ask', 200, 488, 200, 200, 481, 405, 200],
  'our 200 made an offer and has no ACK': [491,   491, 491, 491,   200, 491, 200, 200, 481, 405, 200],
  'we have hung up':                      [481,   481, 481, 481,   481, 481, 481, 481, 481, 481, 481],
  'the peer has hung up':                 [481,   481, 481, 481,   481, 481, 481, 481, 481, 481, 481],
};

/** A call that the peer answered at 0 ms. */
async function answered(): Promise<Call> {
  const rig = createRig();
  const session = rig.call();
  await rig.clock.advance(0);
  rig.peer.respond(rig.peer.last('INVITE'), 200, { sdp: audio(4000) });
  await rig.clock.advance(0);
  return { rig, session };
}

for (const [state, outcomes] of Object.entries(matrix)) {
  describe(`a request of the peer when ${state}`, () => {
    Object.entries(requests).forEach(([name, [method, sent]], index) => {
      test(`${name}: ${outcomes[index]}`, async () => {
        const call = await answered();
        const { rig, session } = call;
        await states[state]!(call);
        const asked = rig.events.length;
        rig.peer.request(method, sent);
        await flush(call);
        if (outcomes[index] === 'ask') {
          assert.equal(rig.events.length, asked + 1);
          offered(call).reject(488);
          await flush(call);
        }
        const expected = outcomes[index] === 'ask' ? 488 : outcomes[index];
        assert.equal(rig.peer.lastResponse(method).status, expected);
        const { headers } = rig.peer.lastResponse(method);
        if (expected === 405)
          assert.ok(headers.has('Allow') && !/REFER/.test(headers.get('Allow')!));
        if (expected === 500) assert.match(headers.get('Retry-After')!, /^(?:\d|10)$/);
        // Only a BYE has ended it; whatever else was refused, the call is alive.
        const over = method === 'BYE' || /hung up/.test(state);
        assert.equal(session.state === 'terminated', over);
        rig.peer.onMessage = (message) => {
          if (message.kind === 'request' && message.method === 'BYE')
            rig.peer.respond(message, 200);
        };
        session.terminate({ type: 'released' });
        assert.deepEqual(await leftovers(rig), nothing);
      });
    });
  });
}
