/** ITU-T Q.23: the low group by row, the high group by column of the keypad. */
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
/** Row and column of each event code: 0-9, *, #, A-D. */
const places = '31000102101112202122303203132333';

/** About -9 and -7 dBm0: the high group a little stronger, as telephones send it. */
const lowLevel = 8000;
const highLevel = 10000;

/**
 * Fills one frame of 20 ms, at whatever rate, with the in-band tones of a key, `index` frames after its start. For peers that
 * take no telephone-event.
 */
export function writeDtmfTone(frame: Int16Array, code: number, index: number): void {
  const rate = frame.length * 50;
  const low = (2 * Math.PI * rows[Number(places[2 * code])]!) / rate;
  const high = (2 * Math.PI * columns[Number(places[2 * code + 1])]!) / rate;
  for (let i = 0; i < frame.length; i++) {
    const n = index * frame.length + i;
    frame[i] = lowLevel * Math.sin(low * n) + highLevel * Math.sin(high * n);
  }
}
