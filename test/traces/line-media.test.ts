import assert from 'node:assert/strict';
import { describe as suite, test } from 'node:test';
import type { SipRequest } from '../../src/sip/message/sip-message.ts';
import { leftovers, nothing, portIn, type Sent } from '../simulation/scripted-peer.ts';
import { createLineWorld, describe, type LineWorld } from './line-world.ts';

/** What the peer sends inside the call; `offer` undefined: none. */
type Change = { readonly name: string; readonly sdp?: Sent['sdp'] };

const changes: readonly Change[] = [
  { name: 'another codec', sdp: describe(4000, { codec: 'PCMU' }) },
  { name: 'hold: sendonly', sdp: describe(4000, { direction: 'sendonly' }) },
  { name: 'hold: inactive', sdp: describe(4000, { direction: 'inactive' }) },
  { name: 'hold: c=0.0.0.0', sdp: describe(4000, { address: '0.0.0.0' }) },
  { name: 'sendrecv', sdp: describe(4000, { direction: 'sendrecv' }) },
  { name: 'another address and port', sdp: describe(4100, { address: '10.0.0.10' }) },
  { name: 'a codec we do not have', sdp: describe(4000, { codec: 'G729' }) },
  { name: 'port 0', sdp: describe(0) },
  { name: 'unreadable', sdp: 'v=0\r\nm=x' },
];

type Outcome = { readonly status: number; readonly says: string; readonly told: readonly string[] };
const taken = (says: string, ...told: string[]): Outcome => ({ status: 200, says, told });
const refused: Outcome = { status: 488, says: 'none', told: [] };

/** What becomes of each change in each state: our answer, then what the line and its media are told. */
// biome-ignore format: a table
const matrix: Record<string, Record<string, Outcome>> = {
  talking: {
    'another codec':            taken('3000 sendrecv v2', 'media PCMU 10.0.0.9:4000'),
    'hold: sendonly':           taken('3000 recvonly v2', 'media PCMA 10.0.0.9:4000 silent', 'held'),
    'hold: inactive':           taken('3000 inactive v2', 'media PCMA 10.0.0.9:4000 silent', 'held'),
    'hold: c=0.0.0.0':          taken('3000 recvonly v2', 'media PCMA 10.0.0.9:4000 silent', 'held'),
    'sendrecv':                 taken('3000 sendrecv v1'), // What it said before: a refresh.
    'another address and port': taken('3000 sendrecv v2', 'media PCMA 10.0.0.10:4100'),
    'a codec we do not have':   refused,
    'port 0':                   refused,
    'unreadable':               refused,
  },
  'on hold': {
    'another codec':            taken('3000 sendrecv v3', 'media PCMU 10.0.0.9:4000', 'unheld'),
    'hold: sendonly':           taken('3000 recvonly v2'),
    'hold: inactive':           taken('3000 inactive v3', 'media PCMA 10.0.0.9:4000 silent'),
    'hold: c=0.0.0.0':          taken('3000 recvonly v2', 'media PCMA 10.0.0.9:4000 silent'),
    'sendrecv':                 taken('3000 sendrecv v3', 'media PCMA 10.0.0.9:4000', 'unheld'),
    'another address and port': taken('3000 sendrecv v3', 'media PCMA 10.0.0.10:4100', 'unheld'),
    'a codec we do not have':   refused,
    'port 0':                   refused,
    'unreadable':               refused,
  },
  'answered early': {
    'another codec':            taken('3000 sendrecv v2', 'media PCMU 10.0.0.9:4000'),
    'hold: sendonly':           taken('3000 recvonly v2', 'media PCMA 10.0.0.9:4000 silent'),
    'hold: inactive':           taken('3000 inactive v2', 'media PCMA 10.0.0.9:4000 silent'),
    'hold: c=0.0.0.0':          taken('3000 recvonly v2', 'media PCMA 10.0.0.9:4000 silent'),
    'sendrecv':                 taken('3000 sendrecv v2', 'media PCMA 10.0.0.9:4000'),
    'another address and port': taken('3000 sendrecv v2', 'media PCMA 10.0.0.10:4100'),
    'a codec we do not have':   refused,
    'port 0':                   refused,
    'unreadable':               refused,
  },
};

const flushed = ({ rig }: LineWorld): Promise<void> => rig.clock.advance(1);

const answer = async (world: LineWorld): Promise<void> => {
  world.rig.peer.respond(world.rig.peer.last('INVITE'), 200, { sdp: describe(4000) });
  await flushed(world);
};

const states: Record<string, (world: LineWorld) => Promise<void>> = {
  talking: answer,
  'on hold': async (world) => {
    await answer(world);
    world.rig.peer.request('UPDATE', { sdp: describe(4000, { direction: 'sendonly' }) });
    await flushed(world);
  },
  'answered early': async ({ rig }) => {
    const headers = [
      ['Require', '100rel'],
      ['RSeq', '1'],
    ] as const;
    rig.peer.respond(rig.peer.last('INVITE'), 183, { sdp: describe(4000), headers });
    await rig.clock.advance(1);
    rig.peer.respond(rig.peer.last('PRACK'), 200);
    await rig.clock.advance(1);
  },
};

for (const [state, rows] of Object.entries(matrix)) {
  suite(`a line that is ${state}`, () => {
    for (const { name, sdp } of changes) {
      for (const method of state === 'answered early' ? ['UPDATE'] : ['INVITE', 'UPDATE']) {
        test(`${method}: ${name}`, () => changeMedia(state, method, sdp, rows[name]!));
      }
    }
  });
}

async function changeMedia(
  state: string,
  method: string,
  sdp: Sent['sdp'],
  { status, says, told }: Outcome,
): Promise<void> {
  const world = createLineWorld();
  const { rig, log } = world;
  await flushed(world);
  await states[state]!(world);
  const before = log.length;
  const request = rig.peer.request(method, sdp === undefined ? {} : { sdp });
  await flushed(world);
  const response = rig.peer.lastResponse(method);
  assert.equal(response.status, status);
  assert.equal(portIn(response), status === 200 ? says : 'none');
  if (method === 'INVITE') acknowledge(world, request, status);
  const heard = log.slice(before).filter((line) => !/^\d+ [<>]/.test(line));
  assert.deepEqual(
    heard.map((line) => line.replace(/^\d+ /, '')),
    told,
  );
  await hangUpAfterAll(world, state);
}

function acknowledge({ rig }: LineWorld, { cseq }: SipRequest, status: number): void {
  rig.peer.request('ACK', { sequence: cseq.sequence, sameBranch: status >= 300 });
}

/** Whatever was refused, the call is still there and ends in the ordinary way, with its port. */
async function hangUpAfterAll(world: LineWorld, state: string): Promise<void> {
  const { rig, log } = world;
  if (state === 'answered early') {
    rig.peer.respond(rig.peer.last('INVITE'), 200);
    await flushed(world);
  }
  rig.peer.request('BYE', { sequence: 900 });
  await flushed(world);
  assert.equal(rig.peer.lastResponse('BYE').status, 200);
  assert.ok(
    log.some((line) => line.endsWith('ended remote normal')),
    log.join('\n'),
  );
  assert.equal(world.openPorts(), 0);
  assert.deepEqual(await leftovers(rig), nothing);
}

test('a line: after the end a re-INVITE finds no session', async () => {
  const world = createLineWorld();
  const { rig } = world;
  await flushed(world);
  await answer(world);
  rig.peer.request('BYE');
  await flushed(world);
  rig.peer.request('INVITE', { sdp: describe(4100) });
  await flushed(world);
  assert.equal(rig.peer.lastResponse('INVITE').status, 481);
  assert.equal(world.log.filter((line) => line.includes('media')).length, 1);
});

test('a line: a re-INVITE without an offer ends a hold; the media goes where the ACK says', async () => {
  const world = createLineWorld();
  const { rig, log } = world;
  await flushed(world);
  await states['on hold']!(world);
  log.length = 0;
  const request = rig.peer.request('INVITE', {});
  await flushed(world);
  assert.equal(portIn(rig.peer.lastResponse('INVITE')), '3000 sendrecv v3');
  rig.peer.request('ACK', { sequence: request.cseq.sequence, sdp: describe(4200) });
  await flushed(world);
  const told = log
    .filter((line) => !/^\d+ [<>]/.test(line))
    .map((line) => line.slice(line.indexOf(' ') + 1));
  assert.deepEqual(told, ['media PCMA 10.0.0.9:4200', 'unheld']);
  await hangUpAfterAll(world, 'talking');
});

type Fork = readonly [
  ms: number,
  status: number,
  tag: string,
  port: number | undefined,
  codec?: 'PCMA' | 'PCMU',
];

/** Field lesson: 183 of one branch, 200 of another, and the wrong payload types or silence after it. */
// biome-ignore format: a table
const forks: { name: string; says: Fork[]; media: string[]; byes: string[] }[] = [
  {
    name: 'early media follows the branch that spoke last, the talk the one that answered',
    says: [[100, 183, 'a', 4001], [200, 183, 'b', 4002, 'PCMU'], [300, 200, 'a', 4001]],
    media: ['100 PCMA 10.0.0.9:4001', '200 PCMU 10.0.0.9:4002', '300 PCMA 10.0.0.9:4001'],
    byes: [],
  },
  {
    name: 'the 200 of a branch that had not spoken',
    says: [[100, 183, 'a', 4001], [200, 200, 'b', 4002, 'PCMU']],
    media: ['100 PCMA 10.0.0.9:4001', '200 PCMU 10.0.0.9:4002'],
    byes: [],
  },
  {
    name: 'an empty 200: the early answer of its own branch holds, not the last one heard',
    says: [[100, 183, 'a', 4001], [200, 183, 'b', 4002, 'PCMU'], [300, 200, 'a', undefined]],
    media: ['100 PCMA 10.0.0.9:4001', '200 PCMU 10.0.0.9:4002', '300 PCMA 10.0.0.9:4001'],
    byes: [],
  },
  {
    name: 'two branches answer: the second one is hung up and changes no media',
    says: [[100, 183, 'a', 4001], [300, 200, 'a', 4001], [400, 200, 'b', 4002, 'PCMU']],
    media: ['100 PCMA 10.0.0.9:4001', '300 PCMA 10.0.0.9:4001'],
    byes: ['b'],
  },
  {
    name: 'a branch whose early answer cannot be used does not end the call',
    says: [[100, 183, 'a', 0], [200, 183, 'b', 4002, 'PCMU'], [300, 200, 'b', 4002, 'PCMU']],
    media: ['200 PCMU 10.0.0.9:4002', '300 PCMU 10.0.0.9:4002'],
    byes: [],
  },
];

for (const { name, says, media, byes } of forks) {
  test(`a forked call: ${name}`, async () => {
    const world = createLineWorld();
    const { rig, log } = world;
    await rig.clock.advance(0);
    const invite = rig.peer.last('INVITE');
    for (const [ms, status, tag, port, codec = 'PCMA'] of says) {
      const sent = port === undefined ? { tag } : { tag, sdp: describe(port, { codec }) };
      rig.clock.setTimer(ms, () => rig.peer.respond(invite, status, sent));
    }
    await rig.clock.advance(500);
    const heard = log
      .filter((line) => line.includes(' media '))
      .map((line) => line.replace('media ', ''));
    assert.deepEqual(heard, media);
    const hungUp = rig.peer.received.filter((m) => m.kind === 'request' && m.method === 'BYE');
    assert.deepEqual(
      hungUp.map(({ to }) => to.tag),
      byes,
    );
    for (const bye of hungUp) rig.peer.respond(bye as SipRequest, 200);
    rig.peer.request('BYE', { tag: says.find(([, status]) => status === 200)![2] });
    await rig.clock.advance(1);
    assert.ok(log.some((line) => line.endsWith('ended remote normal')));
    assert.equal(world.openPorts(), 0);
    assert.deepEqual(await leftovers(rig), nothing);
  });
}

test('a forked call: the branch that answers had no part in what another one changed by UPDATE', async () => {
  const world = createLineWorld();
  const { rig, log } = world;
  await rig.clock.advance(0);
  const invite = rig.peer.last('INVITE');
  const headers = [
    ['Require', '100rel'],
    ['RSeq', '1'],
  ] as const;
  rig.peer.respond(invite, 183, { tag: 'a', sdp: describe(4001), headers });
  await rig.clock.advance(1);
  rig.peer.respond(rig.peer.last('PRACK'), 200, { tag: 'a' });
  rig.peer.request('UPDATE', { tag: 'a', sdp: describe(4003) });
  await rig.clock.advance(1);
  // Our answer to it named one law only; the other branch took the other one of our offer.
  rig.peer.respond(invite, 200, { tag: 'b', sdp: describe(4002, { codec: 'PCMU' }) });
  await rig.clock.advance(1);
  const media = log.filter((line) => line.includes(' media ')).map((line) => line.slice(2));
  assert.deepEqual(media, [
    'media PCMA 10.0.0.9:4001',
    'media PCMA 10.0.0.9:4003',
    'media PCMU 10.0.0.9:4002',
  ]);
  rig.peer.request('BYE', { tag: 'b' });
  await rig.clock.advance(1);
  assert.equal(world.openPorts(), 0);
  assert.deepEqual(await leftovers(rig), nothing);
});
