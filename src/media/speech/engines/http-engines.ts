import type { SpeechEngineKind } from '../../../model/speech-settings.ts';
import { writeWav } from '../../audio/wav.ts';
import type { SpeechEngine, Utterance } from '../speech-engine.ts';
import { joinUrl, postForSound } from './http-sound.ts';

type KindOf<Type extends SpeechEngineKind['type']> = SpeechEngineKind & { readonly type: Type };

const atOnce = 8;
const json = { 'content-type': 'application/json' };

/** What the engines behind HTTP have in common: whether they are there shows only when they are asked. */
abstract class HttpEngine implements SpeechEngine {
  readonly name: string;
  readonly atOnce = atOnce;

  constructor(name: string) {
    this.name = name;
  }

  abstract synthesize(text: string, how: Utterance): Promise<Uint8Array>;

  async obstacle(): Promise<string | undefined> {
    return undefined;
  }

  async close(): Promise<void> {}
}

/** OpenAI's speech request, which many services and local servers take: `POST /v1/audio/speech`. */
export class OpenAiEngine extends HttpEngine {
  readonly #kind: KindOf<'openai'>;

  constructor(name: string, kind: KindOf<'openai'>) {
    super(name);
    this.#kind = kind;
  }

  override async synthesize(
    input: string,
    { voice = 'alloy', rate, signal }: Utterance,
  ): Promise<Uint8Array> {
    const { url, path, apiKey, model, format, pcmRate } = this.#kind;
    const sound = await postForSound(joinUrl(url, path), {
      headers: { ...json, ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify({ model, input, voice, response_format: format, speed: rate }),
      signal,
    });
    return format === 'pcm' ? wavOfPcm(sound, pcmRate) : sound;
  }
}

/** Piper's own HTTP server; a longer `length_scale` is slower. */
export class PiperEngine extends HttpEngine {
  readonly #kind: KindOf<'piper'>;

  constructor(name: string, kind: KindOf<'piper'>) {
    super(name);
    this.#kind = kind;
  }

  override synthesize(text: string, { voice, rate, signal }: Utterance): Promise<Uint8Array> {
    const { url, path } = this.#kind;
    const scale = rate === 1 ? {} : { length_scale: Math.round(1000 / rate) / 1000 };
    const body = JSON.stringify({ text, ...(voice !== undefined && { voice }), ...scale });
    return postForSound(joinUrl(url, path), { headers: json, body, signal });
  }
}

/** What RTP carries, so that nothing is resampled. */
const yandexRate = 8_000;
/** SpeechKit's names of languages by ours. */
const yandexLanguages: Readonly<Record<string, string>> = {
  de: 'de-DE',
  en: 'en-US',
  he: 'he-IL',
  kk: 'kk-KK',
  ru: 'ru-RU',
  uz: 'uz-UZ',
};

/** Yandex SpeechKit, API v1: a form, answered with raw samples. */
export class YandexEngine extends HttpEngine {
  readonly #kind: KindOf<'yandex'>;

  constructor(name: string, kind: KindOf<'yandex'>) {
    super(name);
    this.#kind = kind;
  }

  override async synthesize(
    text: string,
    { language, voice, rate, signal }: Utterance,
  ): Promise<Uint8Array> {
    const { url, apiKey, iamToken, folderId } = this.#kind;
    const body = new URLSearchParams({
      text,
      lang: yandexLanguages[language] ?? language,
      ...(voice !== undefined && { voice }),
      speed: String(rate),
      format: 'lpcm',
      sampleRateHertz: String(yandexRate),
      ...(folderId !== undefined && { folderId }),
    });
    const authorization = apiKey === undefined ? `Bearer ${iamToken}` : `Api-Key ${apiKey}`;
    const path = '/speech/v1/tts:synthesize';
    const sound = await postForSound(joinUrl(url, path), {
      headers: { authorization },
      body,
      signal,
    });
    return wavOfPcm(sound, yandexRate);
  }
}

/** Raw 16-bit little-endian mono under a WAV header that leaves the length open. */
function wavOfPcm(octets: Uint8Array, rate: number): Uint8Array {
  return Buffer.concat([writeWav(rate, new Int16Array(0)), octets]);
}
