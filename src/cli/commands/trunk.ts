import { isIP } from 'node:net';
import { formatAddress } from '../../base/address.ts';
import { systemClock } from '../../base/clock.ts';
import { systemRandom } from '../../base/random.ts';
import { inviteTarget } from '../../calls/caller-id.ts';
import { Routing } from '../../calls/routing.ts';
import { loadConfig } from '../../config/load-config.ts';
import { trunkOf } from '../../config/trunk-of.ts';
import type { TrunkAddress } from '../../model/trunk.ts';
import { type Command, CommandError, configOption } from '../command.ts';
import { checkPhoneNumber } from './store-session.ts';

/** Numbers as the specification's examples have them. */
const exampleVirtualNumber = '74993720692';
const exampleContact = '79260000000';

const preview: Command = {
  path: ['trunk', 'preview'],
  summary: 'Shows by which trunks a number is called, in order, and who each is told is calling.',
  operands: ['NUMBER'],
  options: {
    'virtual-phone-number': {
      value: 'NUMBER',
      help: `the account's number, shown to the contact; else ${exampleVirtualNumber}`,
    },
    shown: {
      value: 'NUMBER',
      help: 'the number to be shown, as the contact’s towards the operator; else the virtual number',
    },
    ...configOption,
  },
  examples: [
    'dozvon trunk preview 79260000000',
    `dozvon trunk preview 79262444491 --shown ${exampleContact}`,
  ],
  async run({ operands, text, terminal: { env, cwd, out } }) {
    const called = checkPhoneNumber(operands[0]!);
    const virtualNumber = checkPhoneNumber(text('virtual-phone-number') ?? exampleVirtualNumber);
    const shown = checkPhoneNumber(text('shown') ?? virtualNumber);
    const { config } = loadConfig({ path: text('config'), env, cwd });
    if (config.sandbox) throw new CommandError('the sandbox is the trunk: name trunks to see them');
    const trunks = config.trunks.map(trunkOf);
    const routing = new Routing(trunks, { clock: systemClock, random: systemRandom() });
    const serving = routing.candidates(called);
    if (serving.length === 0)
      throw new CommandError(`no trunk serves ${called}: check trunks[].prefixes`);
    for (const trunk of serving) {
      const target = inviteTarget(trunk, { called, shown, virtualNumber });
      const lines = [
        `${trunk.name}: priority ${trunk.priority}, weight ${trunk.weight}, sent to ${placeOf(trunk.address)}`,
        `  INVITE ${target.requestUri} SIP/2.0`,
        `  From: <${target.from.uri}>`,
        ...target.headers!.map(([name, value]) => `  ${name}: ${value}`),
      ];
      out(`${lines.join('\n')}\n`);
    }
    return 0;
  },
};

/** Of a name the DNS says the rest. */
function placeOf({ host, port }: TrunkAddress): string {
  if (port !== undefined) return formatAddress({ host, port });
  return isIP(host) === 0 ? `${host} (as the DNS says)` : host;
}

export const trunkCommands: readonly Command[] = [preview];
