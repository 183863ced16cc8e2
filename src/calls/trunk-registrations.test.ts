import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testTrunk } from '../../test/traces/simulate-call.ts';
import { type Logger, silentLogger } from '../base/logger.ts';
import { seededRandom } from '../base/random.ts';
import type { Sink } from '../base/sink.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Trunk } from '../model/trunk.ts';
import type { RegistrationEvent, RegistrationTarget } from '../sip/registration.ts';
import { type Route, Routing } from './routing.ts';
import { TrunkHealth } from './trunk-health.ts';
import { TrunkRegistrations } from './trunk-registrations.ts';

const open: Trunk = { ...testTrunk, name: 'open', priority: 1 };
const registering: Trunk = {
  ...testTrunk,
  name: 'registering',
  credentials: { username: 'account7', password: 'secret' },
  registerSeconds: 300,
};

function world() {
  const clock = new VirtualClock();
  const trunks = [registering, open];
  const asked: RegistrationTarget[] = [];
  let sink: Sink<RegistrationEvent> = () => {};
  const registration = {
    isRegistered: false,
    renewed: 0,
    renew() {
      this.renewed++;
    },
    async close() {},
  };
  const log: string[] = [];
  const note = (fields: object, text: string): void => {
    log.push(`${text} ${JSON.stringify(fields)}`);
  };
  const logger: Logger = { ...silentLogger, info: note, warn: note };
  const registrations = new TrunkRegistrations({
    trunks,
    log: logger,
    userAgent: {
      register: (target, to) => {
        asked.push(target);
        sink = to;
        return registration;
      },
    },
  });
  const ping = async (): Promise<boolean> => true;
  const health = new TrunkHealth({ clock, log: silentLogger, trunks, ping, registrations });
  const routing = new Routing(trunks, {
    clock,
    random: seededRandom(1),
    states: health,
    serviceRoute: (trunk) => registrations.serviceRoute(trunk),
  });
  const tell = (event: RegistrationEvent): void => {
    registration.isRegistered = event.type === 'registered';
    sink(event);
  };
  const choose = (): Route =>
    routing.choose({ called: '79260000000', shown: '1', virtualNumber: '1' }) as Route;
  return { asked, registration, registrations, log, tell, choose };
}

test('only trunks that want it are registered with, as the account at its domain', () => {
  const { asked } = world();
  assert.equal(asked.length, 1);
  const { hops, ...rest } = asked[0]!;
  assert.deepEqual(hops(), [testTrunk.address]);
  assert.deepEqual(rest, {
    registrar: 'sip:carrier.example',
    addressOfRecord: { user: 'account7', uri: 'sip:account7@carrier.example' },
    credentials: registering.credentials,
    expires: 300,
  });
});

test('calls take the trunk once it is registered, with its Service-Route; not while it is lost', () => {
  const { tell, choose } = world();
  assert.equal(choose().trunk.name, 'open');
  tell({ type: 'registered', expires: 300, serviceRoute: ['<sip:p1;lr>', '<sip:p2;lr>'] });
  const { trunk, target } = choose();
  assert.equal(trunk.name, 'registering');
  assert.deepEqual(target.headers, [
    ['Route', '<sip:p1;lr>'],
    ['Route', '<sip:p2;lr>'],
  ]);
  tell({ type: 'lost', status: 403, retryMs: 20_000 });
  assert.equal(choose().trunk.name, 'open');
});

test('the log tells each change once, and what to check', () => {
  const { tell, log } = world();
  for (const status of [403, 408]) tell({ type: 'lost', status, retryMs: 20_000 });
  for (let times = 0; times < 3; times++)
    tell({ type: 'registered', expires: 300, serviceRoute: [] });
  assert.deepEqual(log, [
    'not registered {"trunk":"registering","status":403,"retrySeconds":20,"fix":"check trunks[].username, password and realm"}',
    'not registered {"trunk":"registering","status":408,"retrySeconds":20,"fix":"check trunks[].host and port, and the network"}',
    'registered with a trunk {"trunk":"registering","expires":300}',
  ]);
});
