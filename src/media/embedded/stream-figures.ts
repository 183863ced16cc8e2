/** Numbers of one port, each at its place in the port's row. */
export const figure = {
  receivedPackets: 0,
  /** Of payload. */
  receivedOctets: 1,
  /** What `receivedPackets` would be without loss. */
  expectedPackets: 2,
  receivedJitterMs: 3,
  sentPackets: 4,
  sentOctets: 5,
  /** Of what we sent, by the party's latest report; below 0: there was none. */
  reportedLost: 6,
  reportedJitterMs: 7,
  /** `sentPackets` when that report came. */
  sentAtReport: 8,
  /** Below 0: no report told it. */
  roundTripMs: 9,
} as const;

const rowLength = Object.keys(figure).length;
const rowBytes = Float64Array.BYTES_PER_ELEMENT * rowLength;

/** The counters of one port, by `figure`. */
export type StreamFigures = Float64Array;

/** All counters at their beginning. */
export function clearFigures(row: StreamFigures): void {
  row.fill(0);
  row[figure.reportedLost] = -1;
  row[figure.roundTripMs] = -1;
}

export function newFigures(): StreamFigures {
  const row = new Float64Array(rowLength);
  clearFigures(row);
  return row;
}

/**
 * The counters of all RTP ports of a range, on memory that the media threads and the engine share:
 * counted packet by packet without a message, read when a leg ends. The thread of a port writes its row.
 */
export class FiguresBoard {
  readonly memory: SharedArrayBuffer;
  readonly #lowestPort: number;

  /** With `memory` the board of another thread is opened. */
  constructor(range: { readonly min: number; readonly max: number }, memory?: SharedArrayBuffer) {
    this.#lowestPort = range.min;
    const rows = Math.floor((range.max - range.min) / 2) + 1;
    this.memory = memory ?? new SharedArrayBuffer(rows * rowBytes);
  }

  /** One row for two ports: RTP takes the even ones. */
  of(rtpPort: number): StreamFigures {
    const row = (rtpPort - this.#lowestPort) >> 1;
    return new Float64Array(this.memory, row * rowBytes, rowLength);
  }
}
