import type { Role } from '../model/party.ts';

/** One line of the ladder: an arrow between two lifelines, or a remark beside them. */
export type Rung =
  /** `to`: towards the party, `from`: from the party; `sound` is drawn with another stroke. */
  | {
      readonly kind: 'arrow';
      readonly role: Role;
      readonly way: 'to' | 'from';
      readonly text: string;
    }
  | { readonly kind: 'sound'; readonly role: Role; readonly text: string }
  | { readonly kind: 'talk'; readonly text: string }
  | { readonly kind: 'remark'; readonly text: string };

const half = 31;
const colours = {
  to: '\x1b[36m',
  from: '\x1b[33m',
  sound: '\x1b[35m',
  talk: '\x1b[32m',
  remark: '',
};

/** The head: whose lifelines these are. */
export function ladderHead(operator: string, contact: string): string[] {
  const left = `operator ${operator}`;
  return [
    `${' '.repeat(9)}  ${left.padEnd(half - 2)}dozvon${`contact ${contact}`.padStart(half - 1)}`,
    `${' '.repeat(9)}  ${'│'.padEnd(half + 1)}│${'│'.padStart(half + 1)}`,
  ];
}

/** One line, `atMs` since the request. Colour only where the terminal has it. */
export function drawRung(atMs: number, rung: Rung, options: { readonly colours: boolean }): string {
  const time = `${(atMs / 1000).toFixed(3).padStart(7)} s`;
  const paint = (text: string, colour: string): string =>
    options.colours && colour !== '' ? `${colour}${text}\x1b[0m` : text;
  const blank = ' '.repeat(half);
  switch (rung.kind) {
    case 'remark':
      return `${time}  │ ${rung.text.padEnd(2 * half)}│`;
    case 'talk':
      return `${time}  │${paint(arrow(rung.text, 2 * half + 1, '═', 'both'), colours.talk)}│`;
    case 'arrow':
    case 'sound': {
      const isSound = rung.kind === 'sound';
      const towards = isSound || rung.way === 'to';
      const isLeft = rung.role === 'operator';
      const head = towards === isLeft ? 'left' : 'right';
      const drawn = arrow(rung.text, half, isSound ? '~' : '─', head);
      const painted = paint(drawn, isSound ? colours.sound : colours[rung.way]);
      return isLeft ? `${time}  │${painted}│${blank}│` : `${time}  │${blank}│${painted}│`;
    }
  }
}

function arrow(
  text: string,
  width: number,
  stroke: string,
  head: 'left' | 'right' | 'both',
): string {
  const shown = ` ${text.slice(0, width - 6)} `;
  const room = width - shown.length - (head === 'both' ? 2 : 1);
  const before = Math.floor(room / 2);
  const body = `${stroke.repeat(before)}${shown}${stroke.repeat(room - before)}`;
  return `${head === 'right' ? '' : '◀'}${body}${head === 'left' ? '' : '▶'}`;
}
