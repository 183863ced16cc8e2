// A real line on the real SIP stack against a scripted peer; of the media engine all but the packets.
import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createLineDialer, type Line, type LineEvent } from '../../src/calls/line.ts';
import { EmbeddedPort } from '../../src/media/embedded/embedded-port.ts';
import type { PeerMedia, WorkerCommand } from '../../src/media/embedded/media-protocol.ts';
import { newFigures } from '../../src/media/embedded/stream-figures.ts';
import type { WorkerLink } from '../../src/media/embedded/worker-link.ts';
import { type MediaEngine, MediaError } from '../../src/media/media-engine.ts';
import type { Codec, Direction, SessionDescription } from '../../src/sdp/session-description.ts';
import { createRig, type Rig } from '../simulation/scripted-peer.ts';

const known: Readonly<Record<string, Codec>> = {
  PCMA: { payloadType: 8, name: 'PCMA', clockRate: 8000 },
  PCMU: { payloadType: 0, name: 'PCMU', clockRate: 8000 },
  G729: { payloadType: 18, name: 'G729', clockRate: 8000 },
};

/** What the peer may say of its media; anything but the port has a usual value. */
export function describe(
  port: number,
  more: { codec?: keyof typeof known; direction?: Direction; address?: string } = {},
): SessionDescription {
  const { codec = 'PCMA', direction = 'sendrecv', address = '10.0.0.9' } = more;
  return {
    origin: { username: '-', sessionId: '7', sessionVersion: 1, address: '10.0.0.9' },
    media: [
      { kind: 'audio', port, protocol: 'RTP/AVP', address, direction, codecs: [known[codec]!] },
    ],
  };
}

export type LineWorld = {
  readonly rig: Rig;
  readonly line: Line;
  /** The wire, the line's events and what its media is told, in order, each with its time. */
  readonly log: string[];
  /** RTP ports that are open. */
  readonly openPorts: () => number;
};

/** A line that dials at once. */
export function createLineWorld(): LineWorld {
  const rig = createRig();
  const note = (text: string): void => void rig.log.push(`${rig.clock.now()} ${text}`);
  let openPorts = 0;
  const link = {
    send: (command: WorkerCommand) => {
      if (command.type === 'settle') note(`media ${mediaOf(command.peer)}`);
    },
  } as unknown as WorkerLink;
  const media: MediaEngine = {
    openPort: ({ codecs }, sink) => {
      openPorts++;
      return Promise.resolve(
        new EmbeddedPort({
          portId: 1,
          link,
          prompts: { prepare: () => Promise.reject(new MediaError('none')), get: () => undefined },
          codecs,
          publicAddress: '10.0.0.1',
          rtpPort: 3000,
          sessionId: '1',
          random: seededRandom(1),
          figures: newFigures(),
          sink,
          release: () => {
            openPorts--;
            return Promise.resolve();
          },
        }),
      );
    },
    prepare: () => Promise.resolve({ durationMs: 0 }),
    openPorts: 0,
    close: () => Promise.resolve(),
  };
  const dialer = createLineDialer({ userAgent: rig.userAgent, media, log: silentLogger });
  const target = {
    requestUri: 'sip:79260000000@trunk.example',
    nextHop: rig.peer.address,
    from: { uri: 'sip:74990000000@trunk.example' },
  };
  const line = dialer.dial({ target, codecs: ['PCMA', 'PCMU'] }, (event) => {
    if (event.type !== 'trying') note(wordOf(event));
  });
  return { rig, line, log: rig.log, openPorts: () => openPorts };
}

/** `PCMA 10.0.0.9:4000`, with `silent` when nothing may be sent there. */
function mediaOf({ codec, address, port, maySend }: PeerMedia): string {
  return `${codec} ${address}:${port}${maySend ? '' : ' silent'}`;
}

function wordOf(event: LineEvent): string {
  return event.type === 'ended' ? `ended ${event.by} ${event.cause.type}` : event.type;
}
