import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { seededRandom } from '../../base/random.ts';
import { masterKeyLengths, type SrtpKey, srtpSuites } from '../../sdp/crypto-attribute.ts';
import { AesKeystream } from './aes-keystream.ts';
import { audioPayload, rtp } from './core-test-world.ts';
import { HmacSha1 } from './hmac-sha1.ts';
import { PacketIndex } from './packet-index.ts';
import { deriveSessionKeys } from './srtp-keys.ts';
import { createTransform, SrtpReceiver, SrtpSender } from './srtp-session.ts';
import { readWord } from './srtp-transform.ts';

const bytes = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');
const base64 = (text: string): string => bytes(text).toString('base64');

test('keystream: RFC 3711 appendix B.2', () => {
  const keystream = new AesKeystream(bytes('2B7E151628AED2A6ABF7158809CF4F3C'));
  const stream = new Uint8Array(48);
  keystream.xor(stream, 0, 48, bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000'));
  assert.equal(
    hex(stream),
    'e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab' +
      '41e95b3bb0a2e8dd477901e4fca894c0',
  );
  const long = new Uint8Array(2000);
  keystream.xor(long, 0, 2000, bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000'));
  const late = new Uint8Array(16);
  keystream.xor(late, 0, 16, bytes('F0F1F2F3F4F5F6F7F8F9FAFBFCFD0064'));
  assert.equal(hex(long.subarray(0, 48)), hex(stream));
  assert.equal(hex(long.subarray(1600, 1616)), hex(late));
});

test('session keys: RFC 3711 appendix B.3 and RFC 6188 section 7.2', () => {
  const master = 'E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6';
  const keys = deriveSessionKeys({ suite: 'AES_CM_128_HMAC_SHA1_80', key: base64(master) }, 'rtp');
  assert.equal(hex(keys.cipherKey), 'c61e7a93744f39ee10734afe3ff7a087');
  assert.equal(hex(keys.salt), '30cbbc08863d8c85d49db34a9ae1');
  assert.equal(hex(keys.authenticationKey), 'cebe321f6ff7716b6fd4ab49af256a156d38baa4');
  const long = `f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6
    3b04803de51ee7c96423ab5b78d2`;
  const longKeys = deriveSessionKeys(
    { suite: 'AES_256_CM_HMAC_SHA1_80', key: base64(long) },
    'rtp',
  );
  assert.equal(
    hex(longKeys.cipherKey),
    '5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4',
  );
  assert.equal(hex(longKeys.salt), 'fa31791685ca444a9e07c6c64e93');
  assert.equal(hex(longKeys.authenticationKey), 'fd9c32d39ed5fbb5a9dc96b30818454d1313dc05');
});

test('HMAC-SHA1 agrees with OpenSSL at every length around a block', () => {
  const key = bytes('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
  const hmac = new HmacSha1(key);
  const message = Buffer.from(Array.from({ length: 200 }, (_, i) => i));
  for (let length = 0; length <= 200; length++) {
    for (const trailer of [undefined, 0x8000_0001]) {
      hmac.digest(message, length, trailer);
      const tag = new Uint8Array(20);
      hmac.writeTag(tag, 0, 20);
      const reference = createHmac('sha1', key).update(message.subarray(0, length));
      if (trailer !== undefined) reference.update(bytes('80000001'));
      assert.equal(hex(tag), reference.digest('hex'), `length ${length}`);
      assert.ok(hmac.matches(tag, 0, 20));
      tag[length % 20]! ^= 0x40;
      assert.ok(!hmac.matches(tag, 0, 20));
    }
  }
});

test('whole packets, AES_CM_128_HMAC_SHA1_80: the vector that implementations share', () => {
  const key: SrtpKey = {
    suite: 'AES_CM_128_HMAC_SHA1_80',
    key: base64('e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6'),
  };
  const plain = bytes(`800f1234 decafbad cafebabe ${'ab'.repeat(16)}`);
  const sealed = bytes(`800f1234 decafbad cafebabe
    4e55dc4c e79978d8 8ca4d215 949d2402 b78d6acc 99ea179b 8dbb`);
  assert.equal(hex(new SrtpSender(key).protectRtp(plain)!), hex(sealed));
  assert.equal(hex(new SrtpReceiver(key).unprotectRtp(Buffer.from(sealed))!), hex(plain));
  const report = bytes(`81c8000b cafebabe ${'ab'.repeat(16)}`);
  const sealedReport = bytes(`81c8000b cafebabe 7128035b e487b9bd bef89041 f977a5a8
    80000001 993e08cd 54d6c123 0798`);
  assert.equal(hex(new SrtpSender(key).protectRtcp(report)), hex(sealedReport));
  assert.equal(hex(new SrtpReceiver(key).unprotectRtcp(Buffer.from(sealedReport))!), hex(report));
});

/** RFC 7714 sections 16 and 17 give session keys. */
const gcmCases = [
  {
    suite: 'AEAD_AES_128_GCM',
    key: '000102030405060708090a0b0c0d0e0f',
    rtp: `f24de3a3 fb34de6c acba861c 9d7e4bca be633bd5 0d294e6f 42a5f47a 51c7d19b 36de3adf 8833
      899d7f27 beb16a91 52cf765e e4390cce`,
    rtcp: `63e94885 dcdab67c a727d766 2f6b7e99 7ff5c0f7 6c06f32d c676a5f1 730d6fda 4ce09b46
      86303ded 0bb9275b c84aa458 96cf4d2f c5abf872 45d9eade 800005d4`,
  },
  {
    suite: 'AEAD_AES_256_GCM',
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    rtp: `32b1de78 a822fe12 ef9f78fa 332e33aa b1801238 9a58e2f3 b50b2a02 76ffae0f 1ba63799
      b87b7aa3 db36dfff d6b0f9bb 7878d7a7 6c13`,
    rtcp: `d50ae4d1 f5ce5d30 4ba297e4 7d470c28 2c3ece5d bffe0a50 a2eaa5c1 110555be 8415f658
      c61de047 6f1b6fad 1d1eb30c 4446839f 57ff6f6c b26ac3be 800005d4`,
  },
] as const;

for (const { suite, key, rtp: rtpBody, rtcp: rtcpBody } of gcmCases) {
  test(`${suite}: RFC 7714 sections 16 and 17`, () => {
    const keys = {
      cipherKey: bytes(key),
      salt: bytes('517569642070726f2071756f'),
      authenticationKey: new Uint8Array(0),
    };
    const transform = createTransform(suite, { rtp: keys, rtcp: keys });
    const packet = bytes(`8040f17b 8041f8d3 5501a0b2 47616c6c 69612065 7374206f 6d6e6973 20646976
      69736120 696e2070 61727465 73207472 6573`);
    const sealed = Buffer.concat([packet, Buffer.alloc(16)]);
    transform.sealRtp(sealed, 12, 0x5501_a0b2, 0xf17b);
    assert.equal(hex(sealed), hex(bytes(`8040f17b 8041f8d3 5501a0b2 ${rtpBody}`)));
    assert.ok(transform.openRtp(sealed, 12, 0x5501_a0b2, 0xf17b));
    assert.equal(hex(sealed.subarray(0, packet.length)), hex(packet));

    const report = bytes(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
      deadbeef deadbeef deadbeef deadbeef deadbeef`);
    const sealedReport = Buffer.concat([report, Buffer.alloc(20)]);
    transform.sealRtcp(sealedReport, 0x4d61_7273, 0x5d4);
    assert.equal(hex(sealedReport), hex(bytes(`81c8000d 4d617273 ${rtcpBody}`)));
    const word = readWord(sealedReport, transform.rtcpWordAt(sealedReport.length));
    assert.ok(transform.openRtcp(sealedReport, 0x4d61_7273, word));
    assert.equal(hex(sealedReport.subarray(0, report.length)), hex(report));
  });
}

test('a report that is authenticated and not encrypted: RFC 7714 section 17.3', () => {
  const keys = {
    cipherKey: bytes(gcmCases[0].key),
    salt: bytes('517569642070726f2071756f'),
    authenticationKey: new Uint8Array(0),
  };
  const packet = bytes(`81c8000d 4d617273 4e545031 4e545032 52545020 0000042a 0000e930 4c756e61
    deadbeef deadbeef deadbeef deadbeef deadbeef 841dd968 3dd78ec9 2ae58790 125f62b3 000005d4`);
  const transform = createTransform('AEAD_AES_128_GCM', { rtp: keys, rtcp: keys });
  assert.ok(transform.openRtcp(packet, 0x4d61_7273, 0x5d4));
  packet[20]! ^= 1;
  assert.ok(!transform.openRtcp(packet, 0x4d61_7273, 0x5d4));
});

test('packet indices: wraps forth and back, RFC 3711 section 3.3.1', () => {
  const cases: [name: string, sequences: number[], indices: number[]][] = [
    ['in order', [5, 6, 7], [5, 6, 7]],
    ['over the wrap', [65_534, 65_535, 0, 1], [65_534, 65_535, 65_536, 65_537]],
    ['reordered at the wrap', [65_534, 0, 65_535, 1], [65_534, 65_536, 65_535, 65_537]],
    ['from before the first wrap', [1, 65_535], [1, -1]],
    ['far ahead', [1, 30_000, 60_000, 20_000], [1, 30_000, 60_000, 85_536]],
  ];
  for (const [name, sequences, indices] of cases) {
    const index = new PacketIndex();
    const guessed = sequences.map((sequence) => {
      const guess = index.guess(sequence);
      if (index.isNew(guess)) index.note(guess);
      return guess;
    });
    assert.deepEqual(guessed, indices, name);
  }
});

test('the window: each index once, none older than 127 before the highest', () => {
  const index = new PacketIndex();
  for (const one of [1000, 1001, 1003]) index.note(one);
  const fresh = [1001, 1002, 1003, 1004, 875, 876, -1].map((one) => index.isNew(one));
  assert.deepEqual(fresh, [false, true, false, true, false, true, false]);
});

const random = seededRandom(11);
const keyFor = (suite: SrtpKey['suite']): SrtpKey => {
  const { key, salt } = masterKeyLengths[suite];
  return { suite, key: Buffer.from(random.hex(key + salt), 'hex').toString('base64') };
};
const voice = (sequence: number, ssrc = 0xabc): Buffer =>
  rtp({ sequence: sequence & 0xffff, timestamp: 160 * sequence, ssrc, payload: audioPayload(7) });

for (const suite of srtpSuites) {
  test(`${suite}: over the wrap, with loss, doubles and disorder`, () => {
    const key = keyFor(suite);
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const order = [0, 1, 2, 5, 4, 4, 3, 9, 30];
    for (let from = 65_000; from < 65_000 + 40 * 31; from += 31) {
      for (const [place, step] of order.entries()) {
        const packet = voice(from + step);
        const sealed = sender.protectRtp(packet);
        if (place === 5) {
          assert.equal(sealed, undefined, 'a double would give its contents away');
          continue;
        }
        assert.ok(sealed);
        const again = Buffer.from(sealed);
        assert.equal(hex(receiver.unprotectRtp(sealed)!), hex(packet));
        assert.equal(receiver.unprotectRtp(again), undefined, 'a replay is not taken');
      }
    }
  });

  test(`${suite}: whatever was tampered with is not taken, and harms nothing`, () => {
    const key = keyFor(suite);
    const [sender, receiver] = [new SrtpSender(key), new SrtpReceiver(key)];
    const sealed = sender.protectRtp(voice(1))!;
    const report = sender.protectRtcp(bytes('80c90001 00000abc'));
    for (let i = 0; i < sealed.length; i++) {
      const forged = Buffer.from(sealed);
      forged[i]! ^= 0x01;
      assert.equal(receiver.unprotectRtp(forged), undefined, `byte ${i}`);
    }
    for (let i = 0; i < report.length; i++) {
      const forged = Buffer.from(report);
      forged[i]! ^= 0x01;
      assert.equal(receiver.unprotectRtcp(forged), undefined, `byte ${i} of a report`);
    }
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(receiver.unprotectRtp(Buffer.from(sealed.subarray(0, length))), undefined);
      assert.equal(
        receiver.unprotectRtcp(Buffer.from(report.subarray(0, length % report.length))),
        undefined,
      );
    }
    // ES2021-09: a hundred bad packets, with numbers far ahead, from streams that do not exist.
    for (let i = 0; i < 100; i++) receiver.unprotectRtp(voice(30_000 + 300 * i, i));
    assert.equal(hex(receiver.unprotectRtp(sealed)!), hex(voice(1)));
    assert.equal(hex(receiver.unprotectRtcp(Buffer.from(report))!), '80c9000100000abc');
    assert.equal(receiver.unprotectRtcp(Buffer.from(report)), undefined);
  });
}

test('CSRC and header extension stay readable, padding is encrypted with the payload', () => {
  const key = keyFor('AES_CM_128_HMAC_SHA1_80');
  const header = bytes('b1080001 00000001 00000abc 00000def bede0001 10aa0000');
  const packet = Buffer.concat([header, Buffer.alloc(20, 3), bytes('00000004')]);
  const sealed = new SrtpSender(key).protectRtp(packet)!;
  assert.equal(hex(sealed.subarray(0, 24)), hex(header));
  assert.notEqual(hex(sealed.subarray(24, 48)), hex(packet.subarray(24)));
  assert.equal(hex(new SrtpReceiver(key).unprotectRtp(sealed)!), hex(packet));
});

test('each SSRC has a rollover counter of its own', () => {
  const key = keyFor('AES_CM_128_HMAC_SHA1_32');
  const receiver = new SrtpReceiver(key);
  const senders = Array.from({ length: 8 }, () => new SrtpSender(key));
  for (const sequence of [65_535, 65_536]) {
    for (const [ssrc, sender] of senders.entries()) {
      assert.ok(receiver.unprotectRtp(sender.protectRtp(voice(sequence, ssrc))!), `${ssrc}`);
    }
  }
});

test('another codec with another clock: its SSRC begins at the first rollover, for us and for the party', () => {
  const key = keyFor('AEAD_AES_128_GCM');
  const sender = new SrtpSender(key);
  for (const sequence of [65_535, 65_536, 65_537]) assert.ok(sender.protectRtp(voice(sequence)));
  const packet = voice(65_538, 0xdef);
  const sealed = sender.protectRtp(packet)!;
  // One who hears nothing but this stream knows of no rollover before it.
  assert.equal(hex(new SrtpReceiver(key).unprotectRtp(sealed)!), hex(packet));
  assert.equal(sender.protectRtp(packet), undefined);
});
