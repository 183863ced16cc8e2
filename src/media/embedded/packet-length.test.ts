import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecOf } from '../audio/codecs.ts';
import { payloadUnits } from './packet-length.ts';

/** The first octet of RFC 6716 section 3.1: configuration, stereo, frames. */
const opus: readonly (readonly [name: string, octets: readonly number[], ms: number])[] = [
  ['SILK, narrow band, one frame of 10 ms', [0 << 3], 10],
  ['SILK, medium band, one of 40 ms', [6 << 3], 40],
  ['SILK, wide band, one of 60 ms', [11 << 3], 60],
  ['hybrid, one of 20 ms, stereo', [(13 << 3) | 4], 20],
  ['hybrid, two of 10 ms', [(14 << 3) | 1], 20],
  ['CELT, one of 2.5 ms', [16 << 3], 2.5],
  ['CELT, two of 20 ms of different lengths', [(31 << 3) | 2], 40],
  ['SILK, three of 20 ms', [(9 << 3) | 3, 3], 60],
  ['the same with padding and lengths', [(9 << 3) | 3, 3 | 0xc0], 60],
  ['more than there can be', [(11 << 3) | 3, 63], 120],
  ['a count that is missing', [(9 << 3) | 3], 0],
];

for (const [name, octets, ms] of opus) {
  test(`Opus lasts what its first octets say: ${name}`, () => {
    const packet = Uint8Array.of(9, 9, ...octets);
    assert.equal(payloadUnits('opus', packet, 2, packet.length), ms * 48);
  });
}

test('our own packets of Opus say their length; an octet of the others is a unit', () => {
  const encoder = codecOf('opus').createEncoder();
  const octets = new Uint8Array(1500);
  for (const ms of codecOf('opus').packetMs) {
    const length = encoder.encode(new Int16Array(ms * 16), octets, 0);
    assert.equal(payloadUnits('opus', octets, 0, length), ms * 48);
  }
  encoder.close();
  for (const codec of ['PCMA', 'PCMU', 'G722'] as const) {
    assert.equal(payloadUnits(codec, octets, 12, 172), 160);
  }
  assert.equal(payloadUnits('opus', octets, 12, 12), 0);
});
