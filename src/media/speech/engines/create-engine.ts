import type { Clock } from '../../../base/clock.ts';
import type { SpeechEngineSettings } from '../../../model/speech-settings.ts';
import type { SpeechEngine } from '../speech-engine.ts';
import { CommandEngine } from './command.ts';
import { EspeakProgram } from './espeak-program.ts';
import { EspeakWasm } from './espeak-wasm.ts';
import { OpenAiEngine, PiperEngine, YandexEngine } from './http-engines.ts';

/** The engine that settings describe; nothing is started yet. */
export function createEngine(settings: SpeechEngineSettings, clock: Clock): SpeechEngine {
  const { name } = settings;
  switch (settings.type) {
    case 'espeak-ng':
      return new EspeakProgram(name);
    case 'espeak-ng-wasm':
      return new EspeakWasm(name, clock);
    case 'openai':
      return new OpenAiEngine(name, settings);
    case 'piper':
      return new PiperEngine(name, settings);
    case 'yandex':
      return new YandexEngine(name, settings);
    case 'command':
      return new CommandEngine(name, settings.command);
  }
}
