import assert from 'node:assert/strict';
import { formatNameAddr, parseNameAddr } from '../../../src/sip/message/name-addr.ts';
import { SipParseError } from '../../../src/sip/message/parser.ts';
import { formatUri, parseUri, sameUri } from '../../../src/sip/message/uri.ts';
import { formatVia, parseVia } from '../../../src/sip/message/via.ts';
import type { FuzzTarget } from '../fuzz-target.ts';
import { byteMutations, damaged, pieces, replaceWord } from '../mutations.ts';

// biome-ignore format: a list to be looked over
const samples = pieces(
  'sip:79260000000@198.51.100.7:5060;transport=udp;lr',
  'sips:alice:secret@[2001:db8::10]:5061;maddr=239.255.255.1;ttl=15?Subject=x&Route=%3Csip:a%3E',
  'tel:+7-926-000-00-00;phone-context=example.com',
  'sip:%D0%B8%D0%B2%D0%B0%D0%BD@пример.example',
  '"Ivanov \\"I\\"" <sip:74993720692@trunk.example;user=phone>;tag=1918181833n;q=0.5',
  'Anna <tel:+74993720692>;tag=a;expires=3600',
  'sip:b@c.example;tag=x',
  '<sip:[::ffff:192.0.2.1]>',
  'SIP/2.0/UDP 198.51.100.24:5060;branch=z9hG4bK-1;rport=5060;received=[2001:db8::9:255]',
  'SIP / 2.0 / TLS [2001:db8::9]:5061;ttl=1;branch=z9hG4bK77;x="a;b"',
);

// biome-ignore format: a list to be looked over
const parts = pieces(
  '@', ':', ';', '=', '?', '&', '%', '%00', '%zz', '[', ']', '::', '<', '>', '"', '\\', '\\"', ',', '\r\n', '\0', ' ',
  '0', '65536', '99999999999', 'sip:', 'tel:', 'sips:', '__proto__', ';tag=', ';lr', '/', '\xff', '255.255.255.255', ':::',
);

/** URIs, addresses with names, Via: what every header with an address goes through. */
export const uri: FuzzTarget = {
  name: 'uri',
  input: (random) =>
    damaged(random, samples, [...Object.values(byteMutations), replaceWord], parts),
  run: (input) => {
    const text = input.toString('utf8');
    const outcomes = [readUri(text), readNameAddr(text), readVia(text)];
    return outcomes.includes('read') ? 'read' : 'refused';
  },
  reaches: ['read', 'refused'],
};

function readUri(text: string): 'read' | 'refused' {
  const read = orRefused(() => parseUri(text));
  if (read === undefined) return 'refused';
  const again = parseUri(formatUri(read));
  assert.ok(sameUri(read, again), 'written and read again it is another URI');
  return 'read';
}

function readNameAddr(text: string): 'read' | 'refused' {
  const read = orRefused(() => parseNameAddr(text));
  if (read === undefined) return 'refused';
  const again = parseNameAddr(formatNameAddr(read));
  assert.deepEqual(
    [again.uri, again.tag, again.displayName],
    [read.uri, read.tag, read.displayName],
  );
  return 'read';
}

function readVia(text: string): 'read' | 'refused' {
  const read = orRefused(() => parseVia(text));
  if (read === undefined) return 'refused';
  assert.deepEqual(parseVia(formatVia(read)), read);
  return 'read';
}

function orRefused<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
