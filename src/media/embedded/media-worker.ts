import { parentPort, workerData } from 'node:worker_threads';
import { assert, assertNever } from '../../base/assert.ts';
import { systemClock } from '../../base/clock.ts';
import { systemRandom } from '../../base/random.ts';
import { openOpus } from '../audio/opus.ts';
import { type CoreOutput, MediaCore, tickMs } from './media-core.ts';
import type { WorkerCommand, WorkerReport, WorkerSettings } from './media-protocol.ts';
import { PacketSecurity } from './packet-security.ts';
import { RtpSockets } from './rtp-sockets.ts';
import { FiguresBoard } from './stream-figures.ts';
import { startTicks } from './ticks.ts';

/**
 * The thread around a MediaCore: sockets, ticks, and one channel to the engine. Reports of one turn
 * of the event loop go in one message; what is not urgent goes with the next tick.
 */
assert(parentPort !== null, 'media-worker.ts runs as a worker thread');
const channel = parentPort;
const { address, portRange, figures, opus } = workerData as WorkerSettings;
const board = new FiguresBoard(portRange, figures);
const random = systemRandom();
// Compiled before anybody talks: later it would hold up the talks of others.
if (opus) openOpus();

let reports: WorkerReport[] = [];
let flushing = false;
function report(one: WorkerReport): void {
  reports.push(one);
  if (flushing) return;
  flushing = true;
  setImmediate(flush);
}
function flush(): void {
  flushing = false;
  if (reports.length === 0) return;
  channel.postMessage(reports);
  reports = [];
}

const security = new PacketSecurity();

const sockets = new RtpSockets(address, portRange.max, {
  opened: (portId) => report({ type: 'opened', portId }),
  openFailed(portId, { code, message }) {
    core.close(portId, performance.now());
    report({ type: 'openFailed', portId, code: code ?? '', message });
  },
  packet(portId, packet, from) {
    const nowMs = performance.now();
    ticks.at(nowMs);
    const plain = security.incoming(portId, packet);
    if (plain !== undefined) core.receive(portId, plain, from, nowMs);
  },
  control(portId, packet, from) {
    const plain = security.incoming(portId, packet);
    if (plain !== undefined) core.receiveControl(portId, plain, from, performance.now());
  },
});

const coreOutput: CoreOutput = {
  packet(portId, packet, to) {
    const sealed = security.outgoing(portId, packet);
    if (sealed !== undefined) sockets.send(portId, sealed, to);
  },
  control(portId, packet, to, mux) {
    const sealed = security.outgoing(portId, packet);
    if (sealed === undefined) return;
    if (mux) sockets.send(portId, sealed, to);
    else sockets.sendControl(portId, sealed, to);
  },
  event: (portId, event) => report({ type: 'event', portId, event }),
  locked: (portId, to) => sockets.connect(portId, to),
};
const core = new MediaCore(coreOutput, {
  random: () => random.next(),
  wallMsAt: (nowMs) => performance.timeOrigin + nowMs,
});

function obey(command: WorkerCommand): void {
  const { portId } = command;
  switch (command.type) {
    case 'open':
      core.open(portId, command.stream, board.of(command.rtpPort));
      sockets.open(portId, command.rtpPort);
      break;
    case 'settle':
      security.settle(portId, command.peer.crypto);
      core.settle(portId, command.peer, performance.now());
      break;
    case 'hear':
      core.hear(portId, command.sources);
      break;
    case 'sendDtmf':
      core.sendDtmf(portId, command.digits, performance.now());
      break;
    case 'close':
      core.close(portId, performance.now());
      security.close(portId);
      // Nobody waits for it: it goes with the next report, at the latest with the next tick.
      sockets.close(portId, () => reports.push({ type: 'closed', portId }));
      break;
    default:
      assertNever(command);
  }
}

channel.on('message', (commands: readonly WorkerCommand[]) => {
  for (const command of commands) obey(command);
});
const ticks = startTicks(systemClock, tickMs, (dueMs) => {
  core.tick(dueMs);
  if (!flushing) flush();
});
report({ type: 'ready' });
