import { readFileSync } from 'node:fs';
import { decodePrompt } from '../media/audio/prompt-decoder.ts';
import type { Sound } from './mouth.ts';
import type { Final, PhoneBehaviour } from './phone-behaviour.ts';

/**
 * What a number of the sandbox's network does, by its last two digits: the table of
 * docs/operating/sandbox.md. All other numbers are answered after two seconds.
 */
export type NumberRule = {
  readonly ending: string;
  /** For people. */
  readonly does: string;
  readonly behaviour: () => PhoneBehaviour;
};

const ringsAfterMs = 200;

const assets = new URL('../../assets/demo/', import.meta.url);

/** A phrase that comes with the project, read when the first phone says it. */
function phrase(name: string): () => Sound {
  let sound: Sound | undefined;
  return () => {
    sound ??= decodePrompt(readFileSync(new URL(name, assets)), { longestMs: 60_000 });
    return sound;
  };
}
const voice = phrase('contact-voice.wav');
const voicemail = phrase('voicemail.wav');

const answers = (afterMs: number): Final => ({ type: 'answers', afterMs });
const rejects = (afterMs: number, status: number): Final => ({ type: 'rejects', afterMs, status });
const talking = (final: Final, others: Partial<PhoneBehaviour> = {}): PhoneBehaviour => ({
  ringsAfterMs,
  final,
  speaks: { sound: voice(), loop: true },
  hangsUpAfterAnswerMs: 60_000,
  ...others,
});

export const defaultRule: NumberRule = {
  ending: '',
  does: 'rings, answers after 2 s, speaks for 60 s and hangs up',
  behaviour: () => talking(answers(2000)),
};

export const numberRules: readonly NumberRule[] = [
  {
    ending: '01',
    does: 'is busy: 486 after half a second',
    behaviour: () => ({ final: rejects(500, 486) }),
  },
  {
    ending: '02',
    does: 'rings and never answers',
    behaviour: () => ({ ringsAfterMs, final: { type: 'neverAnswers' } }),
  },
  {
    ending: '03',
    does: 'plays an announcement before the answer (183 and RTP), then gives up with 480 after 6 s',
    behaviour: () => ({
      earlyMedia: { afterMs: 300, rtpAfterMs: 100, sound: voicemail(), loop: true },
      final: rejects(6000, 480),
    }),
  },
  {
    ending: '04',
    does: 'is declined by hand: 603 after 2 s of ringing',
    behaviour: () => ({ ringsAfterMs, final: rejects(2000, 603) }),
  },
  {
    ending: '05',
    does: 'does not exist: 404 at once',
    behaviour: () => ({ final: rejects(0, 404) }),
  },
  {
    ending: '06',
    does: 'answers after 2 s and presses 1 two seconds later (telephone-event)',
    behaviour: () =>
      talking(answers(2000), { presses: [{ key: '1', afterAnswerMs: 2000, by: 'rtp' }] }),
  },
  {
    ending: '07',
    does: 'answers after 2 s and hangs up 3 s later',
    behaviour: () => talking(answers(2000), { hangsUpAfterAnswerMs: 3000 }),
  },
  {
    ending: '08',
    does: 'answers after 2 s, puts the caller on hold after 5 s and takes it back 5 s later',
    behaviour: () => talking(answers(2000), { holds: { afterAnswerMs: 5000, forMs: 5000 } }),
  },
  {
    ending: '09',
    does: 'answers after 2 s and presses 1 two seconds later by SIP INFO',
    behaviour: () =>
      talking(answers(2000), { presses: [{ key: '1', afterAnswerMs: 2000, by: 'info' }] }),
  },
  {
    ending: '10',
    does: 'answers after 15 s',
    behaviour: () => talking(answers(15_000)),
  },
  {
    ending: '11',
    does: 'answers at once and knows PCMU only, so that the server has to transcode',
    behaviour: () => talking(answers(0), { codecs: ['PCMU'] }),
  },
  {
    ending: '12',
    does: 'cannot be reached: 503 at once',
    behaviour: () => ({ final: rejects(0, 503) }),
  },
];

/** The behaviour of a number of the sandbox. */
export function behaviourByNumber(number: string): PhoneBehaviour {
  const rule = numberRules.find(({ ending }) => number.endsWith(ending)) ?? defaultRule;
  return rule.behaviour();
}
