import { silentLogger } from '../../src/base/logger.ts';
import { seededRandom } from '../../src/base/random.ts';
import { VirtualClock } from '../../src/base/virtual-clock.ts';
import { LocalEventBus } from '../../src/bus/local-event-bus.ts';
import { defaultCallLimits } from '../../src/calls/call-limits.ts';
import { CallRegistry } from '../../src/calls/call-registry.ts';
import { Routing } from '../../src/calls/routing.ts';
import { type Behaviour, FakeLines } from '../traces/fake-lines.ts';
import { MemoryCallStore, testTrunk } from '../traces/simulate-call.ts';
import { type Installation, installation } from './api-installation.ts';

/** The HTTP app over real calls, on lines whose parties do as they are told; `clock` is the calls' own. */
export async function overFakeLines(options: {
  readonly behave: (number: string) => Behaviour;
  readonly wallStart?: number;
}): Promise<{ readonly it: Installation; readonly clock: VirtualClock }> {
  const { behave, wallStart = Date.UTC(2026, 0, 1) } = options;
  const clock = new VirtualClock({ wallStart });
  const bus = new LocalEventBus(silentLogger);
  const calls = new CallRegistry({
    clock,
    limits: defaultCallLimits,
    dialer: new FakeLines(clock, behave, () => {}),
    routing: new Routing([testTrunk], { clock, random: seededRandom(1) }),
    media: { prepare: async () => ({ durationMs: 1 }) },
    store: new MemoryCallStore(),
    bus,
    log: silentLogger,
  });
  return { it: await installation({ calls, bus }), clock };
}
