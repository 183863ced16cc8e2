import type { Command } from '../command.ts';

export const demoCommand: Command = {
  path: ['demo'],
  summary:
    'Places a call between two phones of its own on this machine, shows it live and checks the sound.',
  options: {
    scenario: { value: 'NAME', help: 'what happens in the call; else operator-first' },
    list: { help: 'list the scenarios' },
    keep: { help: 'leave the server running afterwards' },
    json: { help: 'end with one line of JSON' },
    output: { value: 'FOLDER', help: 'where the two WAV files go; else ./demo-output' },
  },
  examples: ['dozvon demo', 'dozvon demo --list', 'dozvon demo --scenario early-media --json'],
  run: ({ services, text, flag }) =>
    services.runDemo({
      scenario: text('scenario'),
      list: flag('list'),
      keep: flag('keep'),
      json: flag('json'),
      output: text('output'),
    }),
};
