import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testTrunk } from '../../test/traces/simulate-call.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Trunk } from '../model/trunk.ts';
import { LegWay } from './leg-way.ts';
import type { Route } from './routing.ts';

test('how long a trunk asks to be left alone is told with its fault', () => {
  const told: (number | undefined)[] = [];
  const target = { requestUri: '', nextHop: { host: '', port: 0 }, from: { uri: '' } };
  const route: Route = { trunk: testTrunk, target, release: () => {} };
  const way = new LegWay({
    clock: new VirtualClock(),
    routing: {
      choose: () => route,
      hasOther: () => false,
      failed: (_: Trunk, retryAfterMs?: number) => void told.push(retryAfterMs),
      worked: () => {},
    },
    numbers: { called: '79260000000', shown: '1', virtualNumber: '1' },
    leave: () => {},
  });
  way.next();
  way.fails({ type: 'failed', status: 503, retryAfterMs: 90_000 });
  way.fails({ type: 'failed', status: 500 });
  way.fails({ type: 'busy', status: 486, retryAfterMs: 60_000 }); // The party's, not the trunk's.
  assert.deepEqual(told, [90_000, undefined]);
  way.release();
});
