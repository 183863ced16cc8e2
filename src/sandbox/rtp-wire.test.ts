import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeG711, encodeG711, formatRtp, parseRtp } from './rtp-wire.ts';

test('RTP: what is written is read; extension, CSRC and padding are skipped', () => {
  const packet = {
    marker: true,
    payloadType: 101,
    sequenceNumber: 65_535,
    timestamp: 4_000_000_000,
    ssrc: 3_000_000_000,
    payload: Uint8Array.of(1, 2, 3),
  };
  assert.deepEqual(parseRtp(formatRtp(packet)), packet);
  const header = [0xb1, 0x08, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3];
  const rest = [9, 9, 9, 9, 0xbe, 0xde, 0, 1, 7, 7, 7, 7, 42, 43, 0, 2];
  assert.deepEqual(parseRtp(Uint8Array.of(...header, ...rest))?.payload, Uint8Array.of(42, 43));
  assert.equal(parseRtp(Uint8Array.of(0, 1, 2)), undefined);
  assert.equal(parseRtp(new Uint8Array(12)), undefined);
});

test('G.711: values of the standard, and every code survives decoding and encoding', () => {
  const codes = Uint8Array.from({ length: 256 }, (_, code) => code);
  for (const [codec, values] of [
    ['PCMA', { 213: 8, 85: -8, 170: 32_256, 42: -32_256, 128: 5504 }],
    ['PCMU', { 255: 0, 128: 32_124, 0: -32_124, 254: 8, 126: -8 }],
  ] as const) {
    const levels = decodeG711(codec, codes);
    for (const [code, level] of Object.entries(values)) assert.equal(levels[Number(code)], level);
    assert.deepEqual(decodeG711(codec, encodeG711(codec, levels)), levels);
    const loud = Int16Array.of(-32_768, -1, 0, 1, 32_767);
    const heard = decodeG711(codec, encodeG711(codec, loud));
    assert.ok(heard[0]! < -31_000 && Math.abs(heard[2]!) <= 8 && heard[4]! > 31_000);
  }
});
