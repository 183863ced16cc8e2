import type {
  SpeechEngineSettings,
  SpeechOverride,
  SpeechSettings,
} from '../../model/speech-settings.ts';

/** One way to speak a text; a plan is a list of them, tried in order. */
export type Choice = {
  readonly engine: SpeechEngineSettings;
  readonly language: string;
  readonly voice: string | undefined;
  readonly rate: number;
};

/**
 * Any Cyrillic letter makes a text Russian, any other letter English: foreign names in a Russian sentence
 * are read by Russian voices. Digits alone are read in Russian too.
 */
export function languageOf(text: string): string {
  if (/\p{Script=Cyrillic}/u.test(text)) return 'ru';
  return /\p{L}/u.test(text) ? 'en' : 'ru';
}

/** The language of this account's text: set, or found from the text. */
export function chooseLanguage(
  settings: SpeechSettings,
  account: string | undefined,
  text: string,
): string {
  const set = closest(settings.overrides, account, undefined, 'language') ?? settings.language;
  return set === 'auto' ? languageOf(text) : set;
}

/** The engines for this account and language with their voices, in the order in which they are tried. */
export function planSpeech(
  settings: SpeechSettings,
  account: string | undefined,
  language: string,
): readonly Choice[] {
  const { overrides } = settings;
  const names = closest(overrides, account, language, 'engines');
  const listed =
    names === undefined
      ? settings.engines
      : names.flatMap((name) => settings.engines.find((engine) => engine.name === name) ?? []);
  const engines = listed.filter(({ languages }) => speaks(languages, language));
  const voice = closest(overrides, account, language, 'voice');
  const rate = closest(overrides, account, language, 'rate');
  const [first] = engines;
  return engines.map((engine) => {
    // A voice named for no engine in particular is the first one's; another kind would not know it.
    const known = first !== undefined && family(first) === family(engine);
    const named = known ? voice : undefined;
    return {
      engine,
      language,
      voice: named ?? engine.voice ?? (known ? settings.voice : undefined),
      rate: rate ?? engine.rate ?? settings.rate,
    };
  });
}

/** `en` also serves `en-GB`. */
function speaks(languages: readonly string[], language: string): boolean {
  return languages.length === 0 || languages.some((it) => it === language || it === base(language));
}

const base = (language: string): string => language.split('-')[0]!;

/** Engines of one family know the same voices. */
function family({ type, name }: SpeechEngineSettings): string {
  return type.startsWith('espeak-ng') ? 'espeak-ng' : name;
}

/** The value of the override that fits best: account and language, account, language, neither. */
function closest<Key extends 'language' | 'engines' | 'voice' | 'rate'>(
  overrides: readonly SpeechOverride[],
  account: string | undefined,
  language: string | undefined,
  key: Key,
): SpeechOverride[Key] | undefined {
  let best: { fit: number; value: SpeechOverride[Key] } | undefined;
  for (const override of overrides) {
    const { account: forAccount, forLanguage } = override;
    if (forAccount !== undefined && forAccount !== account) continue;
    if (forLanguage !== undefined && forLanguage !== language) continue;
    const fit = (forAccount === undefined ? 0 : 2) + (forLanguage === undefined ? 0 : 1);
    if (override[key] !== undefined && (best === undefined || fit >= best.fit))
      best = { fit, value: override[key] };
  }
  return best?.value;
}
