import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Logger } from '../base/logger.ts';
import { callLog } from './call-log.ts';

test('the log tells calls apart without a whole number in it', () => {
  const lines: string[] = [];
  const write = (fields: object, text: string): void => {
    lines.push(`${text} ${JSON.stringify(fields)}`);
  };
  const log: Logger = { debug: write, info: write, warn: write, error: write, child: () => log };
  const sink = callLog(log);
  const base = { callSessionId: 7, accountId: 1, at: 0 };
  sink({
    ...base,
    type: 'callStarted',
    source: 'callapi',
    direction: 'in',
    virtualNumber: '74993720692',
    contact: '79260000000',
    operator: '79262444491',
    externalId: 'secret-id',
  });
  sink({
    ...base,
    type: 'legDialing',
    legId: 1,
    role: 'operator',
    callingNumber: '74993720692',
    calledNumber: '79262444491',
    trunk: 'carrier',
  });
  sink({ ...base, type: 'dtmfReceived', legId: 1, keys: '4276' });
  sink({
    ...base,
    type: 'legEnded',
    legId: 1,
    by: 'remote',
    cause: { type: 'busy', status: 486 },
    finishReason: 'operator_busy',
  });
  assert.deepEqual(lines, [
    'call started {"callSessionId":7,"direction":"in","contact":"7926***00","operator":"7926***91"}',
    'leg dialing {"callSessionId":7,"legId":1,"role":"operator","trunk":"carrier"}',
    'dtmfReceived {"callSessionId":7,"legId":1}', // Keys may be a PIN.
    'leg ended {"callSessionId":7,"legId":1,"by":"remote","type":"busy","status":486,"finishReason":"operator_busy"}',
  ]);
});
