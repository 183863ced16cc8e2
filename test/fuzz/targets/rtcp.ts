import assert from 'node:assert/strict';
import { readRtcp, writeRtcp } from '../../../src/media/embedded/rtcp.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { byteMutations, damaged } from '../mutations.ts';

const block = {
  ssrc: 0x1111_1111,
  fractionLost: 0x40,
  cumulativeLost: -2,
  highestSequence: 0x0001_fffe,
  jitter: 160,
  lastSenderReport: 0xabcd_1234,
  delaySince: 0x0001_8000,
};
const sender = { wallMs: 1_700_000_000_000, rtpTimestamp: 0xffff_ff00, packets: 50, octets: 8_000 };
const own = { ssrc: 0xaabb_ccdd, cname: 'somebody', bye: false };

const samples = [
  writeRtcp({ ...own, sender, block }),
  writeRtcp({ ...own, block }),
  writeRtcp(own),
  writeRtcp({ ...own, sender, block, bye: true }),
];

/** Versions, counts, types and lengths at their edges. */
const parts = ['80c8', '81c9', '9fc8', 'c1c8', '81ca', '81cb', '0000', 'ffff', '00000000'].map(
  (hex) => Buffer.from(hex, 'hex'),
);

/** Compound packets of RTCP, as a peer or a stranger sends them. */
export const rtcp: FuzzTarget = {
  name: 'rtcp',
  input: (random) => damaged(random, samples, Object.values(byteMutations), parts),
  run: (input) => {
    const news = readRtcp(input);
    if (news === undefined) return 'refused';
    for (const { fractionLost, cumulativeLost, jitter, ssrc } of news.blocks) {
      assert.ok(fractionLost >= 0 && fractionLost <= 255);
      assert.ok(cumulativeLost >= -(2 ** 23) && cumulativeLost < 2 ** 23);
      assert.ok(Number.isInteger(jitter) && jitter >= 0 && jitter < 2 ** 32);
      assert.ok(ssrc >= 0 && ssrc < 2 ** 32);
    }
    // No more of them than the packet has room for: a count alone makes none.
    assert.ok(news.blocks.length * 24 <= input.length);
    return news.senderReport === undefined ? 'receiver report' : 'sender report';
  },
  reaches: ['refused', 'receiver report', 'sender report'],
};
