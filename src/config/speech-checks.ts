import type { KeyPath } from './key-tree.ts';
import { nearest } from './nearest.ts';
import type { ValueProblem } from './problems.ts';
import type { SpeechValues } from './speech-schema.ts';

type Engine = SpeechValues['engines'][number];
type EngineKey = keyof Engine;

/** Beside `type`, `name`, `languages`, `voice`, `rate` and `timeout_seconds`, which every engine has. */
const ownKeys: Readonly<
  Record<Engine['type'], { needed: readonly EngineKey[]; allowed: readonly EngineKey[] }>
> = {
  'espeak-ng': { needed: [], allowed: [] },
  'espeak-ng-wasm': { needed: [], allowed: [] },
  openai: { needed: ['url'], allowed: ['path', 'api_key', 'model', 'format', 'pcm_rate'] },
  piper: { needed: ['url'], allowed: ['path'] },
  yandex: { needed: [], allowed: ['url', 'api_key', 'iam_token', 'folder_id'] },
  command: { needed: ['command'], allowed: [] },
};
const specific: readonly EngineKey[] = [
  ...new Set(Object.values(ownKeys).flatMap(({ needed, allowed }) => [...needed, ...allowed])),
];

export function engineName({ name, type }: Engine): string {
  return name ?? type;
}

/** Mistakes of `speech` that only several keys together make. */
export function* checkSpeech(speech: SpeechValues): Iterable<ValueProblem> {
  const names = speech.engines.map(engineName);
  for (const [index, engine] of speech.engines.entries()) {
    const path = ['speech', 'engines', index];
    if (names.indexOf(engineName(engine)) < index)
      yield problem(
        [...path, 'name'],
        `there is an engine "${engineName(engine)}" already: give this one a name of its own`,
      );
    yield* checkEngine(engine, path);
  }
  for (const [index, override] of speech.overrides.entries()) {
    const path = ['speech', 'overrides', index];
    if (override.language !== undefined && override.for.language !== undefined)
      yield problem(
        [...path, 'language'],
        'sets the language of texts, so it cannot depend on it: remove for.language',
      );
    for (const [place, name] of (override.engines ?? []).entries()) {
      if (names.includes(name)) continue;
      const guess = nearest(name, names);
      const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
      yield problem([...path, 'engines', place], `there is no engine "${name}"${hint}`);
    }
  }
}

function* checkEngine(engine: Engine, path: KeyPath): Iterable<ValueProblem> {
  const { type } = engine;
  const { needed, allowed } = ownKeys[type];
  for (const key of needed) {
    if (engine[key] === undefined)
      yield problem([...path, key], `is missing: an engine of type ${type} needs it`);
  }
  for (const key of specific) {
    if (engine[key] === undefined || needed.includes(key) || allowed.includes(key)) continue;
    yield problem([...path, key], `an engine of type ${type} has no such key`);
  }
  if (type === 'yandex' && (engine.api_key === undefined) === (engine.iam_token === undefined))
    yield problem([...path, 'api_key'], 'give either an api_key or an iam_token');
}

const problem = (path: KeyPath, text: string): ValueProblem => ({ path, atKey: false, text });
