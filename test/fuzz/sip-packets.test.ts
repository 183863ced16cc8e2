import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../../src/base/random.ts';
import { limits, parseMessage } from '../../src/sip/message/parser.ts';
import { SipParseError } from '../../src/sip/message/sip-message.ts';
import { fuzz } from './fuzz-target.ts';
import { readPacket, sipMessage, typical } from './targets/sip-message.ts';

const mutations = 100_000;
const seed = 20_261_123;
const stallMs = 50;

test(`${mutations} mutated packets: nothing but SipParseError, none takes ${stallMs} ms`, async (context) => {
  const enough = (count: number): boolean => count >= mutations;
  const { words, failure } = await fuzz(sipMessage, seededRandom(seed), enough, stallMs);
  if (failure !== undefined) {
    const { count, input, cause } = failure;
    const which = `seed ${seed}, packet ${count}: ${JSON.stringify(input.toString('latin1'))}`;
    throw new Error(which, { cause });
  }
  context.diagnostic(JSON.stringify(Object.fromEntries(words)));
  // The mutations must not be so wild that only the first check is ever tried.
  for (const word of sipMessage.reaches) assert.ok((words.get(word) ?? 0) > mutations / 20, word);
});

/** Milliseconds that reading takes; what took long only because the machine was busy does so once. */
function timed(packet: Buffer): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && fastest >= stallMs / 5; attempt++) {
    const start = performance.now();
    readPacket(packet);
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

describe('packets made to be slow are not', () => {
  const head = typical[0]!.toString('latin1').split('\r\n\r\n')[0]!;
  const room = limits.messageBytes - head.length - 40;
  const inHeader = (name: string, unit: string, length: number): string =>
    `${head}\r\n${name}: ${unit.repeat(Math.floor(length / unit.length))}\r\n\r\n`;
  const filled = (unit: string): string => head + unit.repeat(Math.floor(room / unit.length));
  // biome-ignore format: a list to be looked over
  const units = [
    ',', ';', '"', '<', '>', '\\', '\\"', ';a="', ';a=""', '""', '<"', ',<', ':', '@', ' ', '%', 'a:b,', '<a:b>,',
    'a=b,', ';a', '[', '"\\', ';"a', '\\\\', '\\\x01', '=', '?', '/ ', '\t',
  ];
  const names = ['Via', 'Contact', 'Route', 'Record-Route', 'Proxy-Authenticate', 'Max-Forwards'];

  test('one long header of anything', () => {
    for (const name of [...names, 'X']) {
      for (const unit of units) {
        for (const length of [limits.headerLength - 100, room]) {
          const packet = Buffer.from(inHeader(name, unit, length), 'latin1');
          const took = timed(packet);
          assert.ok(took < stallMs, `${name}: ${JSON.stringify(unit)} * ${length}: ${took} ms`);
        }
      }
    }
  });

  const whole: Record<string, string> = {
    'very many headers': filled('\r\na:b'),
    'very many Route headers': filled(`\r\nRoute: ${'<a:b>,'.repeat(1_000)}`),
    'one header folded very often': filled('\r\n '),
    'very many lines without a colon': filled('\r\nabc'),
    'one colon at the very end': `${filled('\r\n')}:`,
    'nothing but line ends': '\r\n'.repeat(32_000),
    'nothing but blanks': ' '.repeat(65_000),
    'a request line of blanks': `INVITE${' '.repeat(65_000)}SIP/2.0\r\n\r\n`,
    'a Request-URI of escapes': `INVITE sip:${'%41'.repeat(20_000)}@a SIP/2.0\r\n\r\n`,
    'a Request-URI of parameters': `INVITE sip:a${';b'.repeat(30_000)} SIP/2.0\r\n\r\n`,
    'a start line without end': 'A'.repeat(65_535),
    'lone carriage returns': filled('\r'),
    'lone line feeds': filled('\n'),
    'a digit for every byte': inHeader('Max-Forwards', '9', 8_000),
  };
  for (const [name, text] of Object.entries(whole)) {
    test(name, () => {
      const took = timed(Buffer.from(text, 'latin1'));
      assert.ok(took < stallMs, `${took} ms`);
    });
  }

  test('more than the longest datagram is refused unread', () => {
    assert.throws(() => parseMessage(Buffer.alloc(limits.messageBytes + 1, 'a')), SipParseError);
  });
});
