import type {
  SpeechEngineKind,
  SpeechEngineSettings,
  SpeechOverride,
  SpeechSettings,
} from '../model/speech-settings.ts';
import { engineName } from './speech-checks.ts';
import { type SpeechValues, speechSchema } from './speech-schema.ts';

type Engine = SpeechValues['engines'][number];

/** What a configuration that says nothing of `speech` means. */
export const usualSpeech = (): SpeechSettings => toSpeech(speechSchema.parse(undefined));

/** `speech` from the file's names and units to the program's. */
export function toSpeech(speech: SpeechValues): SpeechSettings {
  return {
    engines: speech.engines.map((engine) => toEngine(engine, speech.timeout_seconds)),
    overrides: speech.overrides.map(toOverride),
    language: speech.language,
    ...(speech.voice !== undefined && { voice: speech.voice }),
    rate: speech.rate,
    cacheBytes: speech.cache_mb * 2 ** 20,
  };
}

function toEngine(engine: Engine, timeoutSeconds: number): SpeechEngineSettings {
  return {
    name: engineName(engine),
    timeoutMs: (engine.timeout_seconds ?? timeoutSeconds) * 1000,
    languages: engine.languages,
    ...(engine.voice !== undefined && { voice: engine.voice }),
    ...(engine.rate !== undefined && { rate: engine.rate }),
    ...toKind(engine),
  };
}

function toKind(engine: Engine): SpeechEngineKind {
  const { type, api_key: apiKey, iam_token: iamToken, folder_id: folderId } = engine;
  switch (type) {
    case 'openai':
      return {
        type,
        url: engine.url!,
        path: engine.path ?? '/v1/audio/speech',
        ...(apiKey !== undefined && { apiKey }),
        model: engine.model ?? 'tts-1',
        format: engine.format ?? 'wav',
        pcmRate: engine.pcm_rate ?? 24_000,
      };
    case 'piper':
      return { type, url: engine.url!, path: engine.path ?? '/synthesize' };
    case 'yandex':
      return {
        type,
        url: engine.url ?? 'https://tts.api.cloud.yandex.net',
        ...(apiKey !== undefined && { apiKey }),
        ...(iamToken !== undefined && { iamToken }),
        ...(folderId !== undefined && { folderId }),
      };
    case 'command':
      return { type, command: engine.command! };
    default:
      return { type };
  }
}

function toOverride(override: SpeechValues['overrides'][number]): SpeechOverride {
  const { for: whom, language, engines, voice, rate } = override;
  return {
    ...(whom.account !== undefined && { account: whom.account }),
    ...(whom.language !== undefined && { forLanguage: whom.language }),
    ...(language !== undefined && { language }),
    ...(engines !== undefined && { engines }),
    ...(voice !== undefined && { voice }),
    ...(rate !== undefined && { rate }),
  };
}
