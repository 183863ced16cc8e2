import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  emptyRtpView,
  readRtp,
  sequenceAfter,
  timestampAfter,
  writeRtpHeader,
} from './rtp-packet.ts';

const plain = '80880102ffeeddcc89abcdef';

const readings: { name: string; packet: string; reads: object | false }[] = [
  {
    name: 'a header alone',
    packet: plain,
    reads: {
      marker: true,
      payloadType: 8,
      sequence: 0x0102,
      timestamp: 0xffeeddcc,
      ssrc: 0x89abcdef,
      payloadStart: 12,
      payloadEnd: 12,
    },
  },
  {
    name: 'two contributing sources, an extension of one word and padding of three octets',
    packet: `b2${plain.slice(2)}0000000100000002bede000112345678aabbcc000003`,
    reads: { payloadStart: 28, payloadEnd: 31 },
  },
  { name: 'too short', packet: plain.slice(0, 22), reads: false },
  { name: 'version 1', packet: `40${plain.slice(2)}`, reads: false },
  { name: 'an RTCP sender report', packet: `80c8${plain.slice(4)}`, reads: false },
  { name: 'contributing sources that are not there', packet: `81${plain.slice(2)}`, reads: false },
  { name: 'an extension that is not there', packet: `90${plain.slice(2)}`, reads: false },
  {
    name: 'an extension longer than the packet',
    packet: `90${plain.slice(2)}bede0002ffffffff`,
    reads: false,
  },
  { name: 'padding longer than the packet', packet: `a0${plain.slice(2)}ff`, reads: false },
];
for (const { name, packet, reads } of readings) {
  test(name, () => {
    const view = emptyRtpView();
    const isRtp = readRtp(Buffer.from(packet, 'hex'), view);
    assert.equal(isRtp, reads !== false);
    if (reads !== false) assert.deepEqual({ ...view, ...reads }, view);
  });
}

test('a written header reads back', () => {
  const packet = Buffer.alloc(14, 0xee);
  const header = { sequence: 0xfffe, timestamp: 0x80000001, ssrc: 0xfedcba98 };
  writeRtpHeader(packet, 2, 0x80 | 101, header);
  const view = emptyRtpView();
  assert.ok(readRtp(packet.subarray(2), view));
  assert.deepEqual({ ...view, ...header, payloadType: 101, marker: true }, view);
  assert.equal(packet.toString('hex', 0, 2), 'eeee');
});

test('numbers wrap', () => {
  assert.equal(sequenceAfter(1, 0xffff), 2);
  assert.equal(sequenceAfter(0xffff, 1), -2);
  assert.equal(timestampAfter(100, 0xffff_ff9c), 200);
  assert.equal(timestampAfter(0xffff_ff9c, 100), -200);
});
