import { nearest } from '../../config/nearest.ts';
import { components } from '../../model/component.ts';
import { type Command, CommandError } from '../command.ts';
import { accountOptions, columns, withAccount } from './store-session.ts';

const list: Command = {
  path: ['component', 'list'],
  summary: 'Lists the components and whether the account may use them.',
  options: accountOptions,
  examples: ['dozvon component list'],
  run: (input) =>
    withAccount(input, async (_, { disabledComponents }) => {
      const rows = components.map((name) => [
        disabledComponents.includes(name) ? 'off' : 'on',
        name,
      ]);
      input.terminal.out(columns([['STATE', 'COMPONENT'], ...rows]));
      return 0;
    }),
};

export const componentCommands: readonly Command[] = [
  list,
  switching('on', 'Lets an account use a component again.'),
  switching(
    'off',
    'Takes a component from an account: who needs it is answered component_disabled.',
  ),
];

function switching(state: 'on' | 'off', summary: string): Command {
  return {
    path: ['component', state],
    summary,
    operands: ['NAME'],
    options: accountOptions,
    examples: [`dozvon component ${state} "Автоматическое управление номерами"`],
    run: (input) =>
      withAccount(input, async (store, account) => {
        const name = checkComponent(input.operands[0]!);
        const others = account.disabledComponents.filter((it) => it !== name);
        const disabledComponents = state === 'on' ? others : [...others, name];
        await store.accounts.put({ ...account, disabledComponents });
        input.terminal.out(`${name}: ${state} for ${account.name}\n`);
        return 0;
      }),
  };
}

function checkComponent(name: string): string {
  if ((components as readonly string[]).includes(name)) return name;
  const guess = nearest(name, components);
  const hint = guess === undefined ? ': dozvon component list' : `; did you mean "${guess}"?`;
  throw new CommandError(`there is no component ${JSON.stringify(name)}${hint}`);
}
