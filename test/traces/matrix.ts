// spec/simple-call-matrix.json as a table of moments: what the file says in words, turned into times.
import { readFileSync } from 'node:fs';

export type MatrixRow = {
  readonly first_call: 'operator' | 'contact';
  readonly switch_at_once: boolean;
  readonly early_switching: boolean;
  readonly operator_message: boolean;
  readonly contact_message: boolean;
  readonly operator_confirmation: boolean;
  readonly media_file_id: boolean;
  readonly dtmf_string: boolean;
  readonly error?: { readonly code: number; readonly mnemonic: string; readonly message: string };
  readonly second_dial_starts: string;
  readonly bridge: string;
  readonly phases: readonly Phase[];
  readonly dtmf: string | null;
};

type Phase = { readonly phase: string; readonly operator: string; readonly contact: string };

export const matrix: readonly MatrixRow[] = JSON.parse(
  readFileSync(new URL('../corpus/simple-call-matrix.json', import.meta.url), 'utf8'),
).rows;

export const switches = [
  'switch_at_once',
  'early_switching',
  'operator_message',
  'contact_message',
  'operator_confirmation',
  'media_file_id',
  'dtmf_string',
] as const;

/** `operator first: switch_at_once, contact_message`. */
export function rowName(row: MatrixRow): string {
  const set = switches.filter((name) => row[name]).join(', ');
  return `${row.first_call} first: ${set || 'nothing set'}`;
}

/** How the parties of one run behave, ms: all the rest follows from the row's words. */
export type Timing = {
  /** From being dialled to the answer. */
  readonly operatorAnswers: number;
  readonly contactAnswers: number;
  readonly operatorMessage: number;
  readonly contactMessage: number;
  /** From the operator's answer to its key. */
  readonly keyAfter: number;
};

export type Moments = {
  readonly operatorAnswer: number;
  readonly contactAnswer: number;
  readonly secondDial: number;
  readonly bridge: number;
};

/** When things must happen, from `second_dial_starts` and `bridge`: the latest of the events they name. */
export function moments(row: MatrixRow, timing: Timing): Moments {
  const operatorFirst = row.first_call === 'operator';
  const known = new Map<string, number>();
  const answerOperator = (dialled: number): void => {
    const answer = dialled + timing.operatorAnswers;
    known.set('operator answer', answer);
    known.set('operator_message ended', answer + timing.operatorMessage);
    known.set('confirmation received', answer + timing.keyAfter);
  };
  const answerContact = (dialled: number): void => {
    const answer = dialled + timing.contactAnswers;
    known.set('contact answer', answer);
    known.set('contact_message ended', answer + timing.contactMessage);
    known.set('end of contact_message', answer + timing.contactMessage);
  };
  if (operatorFirst) answerOperator(0);
  else answerContact(0);
  const secondDial = latest(row.second_dial_starts, known);
  if (operatorFirst) answerContact(secondDial);
  else answerOperator(secondDial);
  return {
    operatorAnswer: known.get('operator answer')!,
    contactAnswer: known.get('contact answer')!,
    secondDial,
    bridge: latest(row.bridge, known),
  };
}

function latest(words: string, known: ReadonlyMap<string, number>): number {
  const names = words.replace(/ \(.*\)$/, '').split(/, | and /);
  return Math.max(
    ...names.map((name) => {
      const at = known.get(name);
      if (at === undefined) throw new Error(`the matrix names an unknown moment: ${name}`);
      return at;
    }),
  );
}

export type Span = { readonly from: number; readonly to: number; readonly phase: Phase };

/** Where each phase of the row lies, by the words of its name. */
export function spans(row: MatrixRow, m: Moments): Span[] {
  const bounds = (name: string): [from: number, to: number] => {
    const operatorFirst = row.first_call === 'operator';
    switch (name) {
      case 'operator ringing':
        return [0, m.operatorAnswer];
      case 'operator answered, contact not dialled yet':
        return [m.operatorAnswer, m.secondDial];
      case 'contact ringing':
        return operatorFirst ? [m.secondDial, m.contactAnswer] : [0, m.contactAnswer];
      case 'contact answered, not bridged':
        return [m.contactAnswer, m.bridge];
      case 'contact answered, operator ringing':
        return [m.contactAnswer, m.operatorAnswer];
      case 'operator answered, not bridged':
      case 'operator answered, waiting for the key':
        return [m.operatorAnswer, m.bridge];
      default:
        throw new Error(`the matrix names an unknown phase: ${name}`);
    }
  };
  return row.phases.map((phase) => {
    const [from, to] = bounds(phase.phase);
    return { from, to, phase };
  });
}

/** A sound by its role in the row; `line` is the contact's line, `silence` an answered party hearing nothing. */
export type Sound = 'music' | 'operator_message' | 'contact_message' | 'line' | 'off' | 'silence';

/** What a party hears at `at` by the words of a phase; its message began at its answer. */
export function soundAt(words: string, at: number, answer: number, messageMs: number): Sound {
  const text = words.replace(/^goes on: /, '').replace(/ until the confirmation key$/, '');
  if (text === 'ringing' || text === 'not called') return 'off';
  if (text.startsWith('line of contact')) return 'line';
  const [first, then] = text.replace(', to the end', '').split(', then ');
  const sound = (part: string): Sound => {
    if (/^(dialing_music|custom file) loop$/.test(part)) return 'music';
    const message = /^(operator_message|contact_message) once$/.exec(part);
    if (message) return message[1] as Sound;
    throw new Error(`the matrix says what nobody can hear: ${words}`);
  };
  const isMessage = first!.endsWith('once');
  return isMessage && then !== undefined && at >= answer + messageMs ? sound(then) : sound(first!);
}
