import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { SpeechSettings } from '../../model/speech-settings.ts';
import { createEngine } from './engines/create-engine.ts';
import { FinishingThread } from './finishing-thread.ts';
import { Speech } from './speech.ts';

/** Speech with its engines and its thread; nothing is started before the first text. */
export function openSpeech(options: {
  readonly settings: SpeechSettings;
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Logger;
}): Speech {
  const { settings, clock } = options;
  const thread = new FinishingThread();
  const engines = settings.engines.map((engine) => createEngine(engine, clock));
  return new Speech({
    ...options,
    engines,
    finish: (file) => thread.finish(file),
    closed: () => thread.close(),
  });
}
