import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomInt, seededRandom } from '../../base/random.ts';
import { ntpMiddle, type ReportBlock, readRtcp, writeRtcp } from './rtcp.ts';

const block: ReportBlock = {
  ssrc: 0x1111_1111,
  fractionLost: 0x40,
  cumulativeLost: -2,
  highestSequence: 0x0001_fffe,
  jitter: 160,
  lastSenderReport: 0xabcd_1234,
  delaySince: 0x0001_8000,
};
const sender = { wallMs: 1_000_500, rtpTimestamp: 0xffff_ff00, packets: 50, octets: 8000 };

test('a sender report: RFC 3550 section 6.4.1, octet by octet', () => {
  const packet = writeRtcp({ ssrc: 0xaabb_ccdd, sender, block, cname: 'abc', bye: true });
  const words = packet.toString('hex').match(/.{8}/g);
  assert.deepEqual(words, [
    '81c8000c', // SR, one block, 13 words
    'aabbccdd',
    '83aa8268', // 1000 s after 1970
    '80000000', // and a half
    'ffffff00',
    '00000032',
    '00001f40',
    '11111111',
    '40fffffe',
    '0001fffe',
    '000000a0',
    'abcd1234',
    '00018000',
    '81ca0003', // SDES, one chunk
    'aabbccdd',
    '01036162', // CNAME, 3 letters
    '63000000',
    '81cb0001', // BYE
    'aabbccdd',
  ]);
});

test('a receiver report without anything to report', () => {
  const packet = writeRtcp({ ssrc: 1, cname: 'ab' });
  assert.equal(
    packet.toString('hex'),
    '80c9000100000001' + '81ca000300000001' + '0102616200000000',
  );
  assert.deepEqual(readRtcp(packet), { senderReport: undefined, blocks: [] });
});

test('what is written is read', () => {
  const news = readRtcp(writeRtcp({ ssrc: 7, sender, block, cname: 'x' }));
  assert.deepEqual(news, {
    senderReport: { ssrc: 7, ntpMiddle: ntpMiddle(1_000_500) },
    blocks: [block],
  });
  assert.equal(ntpMiddle(1_000_500), 0x8268_8000);
});

test('what is no report is none', () => {
  const good = writeRtcp({ ssrc: 7, sender, block, cname: 'x' });
  const cases: [name: string, packet: Uint8Array][] = [
    ['nothing', Buffer.alloc(0)],
    ['a header cut', good.subarray(0, 3)],
    ['a report cut', good.subarray(0, 40)],
    ['a block cut', good.subarray(0, 51)],
    ['no report first', good.subarray(52)],
    ['version 1', Buffer.concat([Buffer.from([0x41]), good.subarray(1)])],
    ['more blocks than fit', Buffer.concat([Buffer.from([0x9f]), good.subarray(1)])],
    ['a length beyond the end', Buffer.from('81c8ffff00000007', 'hex')],
    ['RTP', Buffer.from('8008000100000001000000010000ffff', 'hex')],
  ];
  for (const [name, packet] of cases) assert.equal(readRtcp(packet), undefined, name);
});

test('100,000 damaged reports: nothing breaks', () => {
  const random = seededRandom(5);
  const good = writeRtcp({ ssrc: 7, sender, block, cname: 'someone', bye: true });
  let readable = 0;
  for (let i = 0; i < 100_000; i++) {
    const packet = Buffer.from(good);
    for (let n = randomInt(random, 1, 4); n > 0; n--) {
      packet[randomInt(random, 0, packet.length - 1)] = randomInt(random, 0, 255);
    }
    if (readRtcp(packet.subarray(0, randomInt(random, 0, packet.length))) !== undefined) readable++;
  }
  assert.ok(readable > 0 && readable < 50_000, `${readable} were read`);
});
