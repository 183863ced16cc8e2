import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SrtpReceiver, SrtpSender } from '../media/embedded/srtp-session.ts';
import { formatRtp } from './rtp-wire.ts';
import { PhoneSrtp } from './srtp-wire.ts';

const key = Buffer.alloc(30, 5).toString('base64');
const suite = 'AES_CM_128_HMAC_SHA1_80';

test('two implementations that share nothing understand each other, over the wrap', () => {
  const [sender, receiver] = [new SrtpSender({ suite, key }), new SrtpReceiver({ suite, key })];
  const [mouth, ear] = [new PhoneSrtp(key), new PhoneSrtp(key)];
  for (let i = 65_530; i < 65_545; i++) {
    const packet = formatRtp({
      marker: false,
      payloadType: 8,
      sequenceNumber: i & 0xffff,
      timestamp: i * 160,
      ssrc: 0x8000_0001,
      payload: new Uint8Array(160).fill(i),
    });
    assert.deepEqual([...ear.open(sender.protectRtp(packet)!)!], [...packet]);
    assert.deepEqual([...receiver.unprotectRtp(mouth.seal(packet))!], [...packet]);
  }
  const forged = mouth.seal(formatRtp({ ...emptyPacket, payload: new Uint8Array(160) }));
  forged[20]! ^= 1;
  assert.equal(ear.open(forged), undefined);
});

const emptyPacket = { marker: false, payloadType: 8, sequenceNumber: 9, timestamp: 0, ssrc: 1 };
