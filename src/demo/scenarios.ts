import type { FinishReason } from '../model/finish-reason.ts';
import type { Role } from '../model/party.ts';
import type { PhoneBehaviour } from '../sandbox/phone-behaviour.ts';
import type { SimpleCallParams } from './api-client.ts';
import type { DemoSounds } from './demo-sounds.ts';

/** What an ear may hear, by the names of demo-sounds.ts. */
export type SoundName =
  | 'operator_message'
  | 'contact_message'
  | 'dialing_music'
  | 'own_music'
  | 'ringback'
  | 'announcement'
  | 'operator_voice'
  | 'contact_voice';

/** One stretch an ear must hear, in order. */
export type ExpectedSound = {
  readonly what: SoundName;
  /**
   * - `whole`: from its first sound to its last
   * - `some`: half a second at least
   * - `cut`: from its start, but not to its end
   */
  readonly amount: 'whole' | 'some' | 'cut';
};

/** One call with all that makes it: the request, two people, and what must come of it. Plain data. */
export type Scenario = {
  readonly name: string;
  readonly title: string;
  /** Parameters of start.simple_call beside the numbers, the virtual number and the token. */
  readonly params: Omit<SimpleCallParams, 'virtual_phone_number' | 'operator' | 'contact'>;
  readonly phones: (sounds: DemoSounds) => Readonly<Record<Role, PhoneBehaviour>>;
  /** What people do when something happens; `role` hangs up, or the API releases the call. */
  readonly ends?: {
    readonly by: Role | 'release.call';
    readonly after: 'talk starts' | 'contact rings';
    readonly ms: number;
  };
  readonly expected: {
    readonly operator: readonly ExpectedSound[];
    readonly contact: readonly ExpectedSound[];
    readonly talk: boolean;
    readonly finishReason: FinishReason;
    readonly legs: Partial<Record<Role, FinishReason>>;
    /** The `dtmf_string` that the contact's phone must hear, with its pauses. */
    readonly keys?: string;
    /** The second party must not be dialled before this key was pressed. */
    readonly dialledAfterKey?: string;
  };
};

const message = (value: number) => ({ type: 'media' as const, value: String(value) });
export const mediaIds = { operatorMessage: 1001, contactMessage: 1002, ownMusic: 1003 } as const;
const operatorMessage = message(mediaIds.operatorMessage);
const contactMessage = message(mediaIds.contactMessage);

const person = (
  sound: Int16Array,
  answersAfterMs: number,
  others: Partial<PhoneBehaviour> = {},
): PhoneBehaviour => ({
  ringsAfterMs: 150,
  final: { type: 'answers', afterMs: answersAfterMs },
  speaks: { sound, loop: true },
  ...others,
});
const two =
  (
    operatorAnswersMs: number,
    contactAnswersMs: number,
    operator: Partial<PhoneBehaviour> = {},
    contact: Partial<PhoneBehaviour> = {},
  ) =>
  (sounds: DemoSounds) => ({
    operator: person(sounds.operatorVoice, operatorAnswersMs, operator),
    contact: person(sounds.contactVoice, contactAnswersMs, contact),
  });
const whole = (what: SoundName): ExpectedSound => ({ what, amount: 'whole' });
const some = (what: SoundName): ExpectedSound => ({ what, amount: 'some' });
const cut = (what: SoundName): ExpectedSound => ({ what, amount: 'cut' });
const contactHangsUp = { by: 'contact', after: 'talk starts', ms: 3000 } as const;
const operatorHangsUp = { by: 'operator', after: 'talk starts', ms: 3000 } as const;
const talked = (by: 'subscriber_disconnects' | 'operator_disconnects') => ({
  talk: true,
  finishReason: by,
  legs: { operator: by, contact: by },
});

export const scenarios: readonly Scenario[] = [
  {
    name: 'operator-first',
    title:
      'the operator hears its message and presses 1, the contact hears its own, then they talk',
    params: {
      first_call: 'operator',
      operator_message: operatorMessage,
      operator_confirmation: '1',
      contact_message: contactMessage,
    },
    phones: two(800, 2000, { presses: [{ key: '1', afterAnswerMs: 3500, by: 'rtp' }] }),
    ends: contactHangsUp,
    expected: {
      operator: [whole('operator_message'), some('dialing_music'), some('contact_voice')],
      contact: [whole('contact_message'), some('operator_voice')],
      dialledAfterKey: '1',
      ...talked('subscriber_disconnects'),
    },
  },
  {
    name: 'contact-first',
    title: 'the contact is rung first and hears its message while the operator is rung',
    params: {
      first_call: 'contact',
      operator_message: operatorMessage,
      contact_message: contactMessage,
      media_file_id: mediaIds.ownMusic,
    },
    phones: two(2500, 800),
    ends: operatorHangsUp,
    expected: {
      operator: [whole('operator_message'), some('contact_voice')],
      contact: [whole('contact_message'), some('own_music'), some('operator_voice')],
      ...talked('operator_disconnects'),
    },
  },
  {
    name: 'switch-at-once',
    title: 'contact first, switch_at_once: the operator’s answer cuts the contact’s message',
    params: {
      first_call: 'contact',
      switch_at_once: true,
      operator_message: operatorMessage,
      contact_message: contactMessage,
    },
    phones: two(1500, 800),
    ends: operatorHangsUp,
    expected: {
      operator: [some('contact_voice')],
      contact: [cut('contact_message'), some('operator_voice')],
      ...talked('operator_disconnects'),
    },
  },
  {
    name: 'confirm',
    title: 'the operator must press 1: 5 does nothing, 1 (by SIP INFO) has the contact dialled',
    params: {
      first_call: 'operator',
      switch_at_once: true,
      operator_message: operatorMessage,
      operator_confirmation: '1',
    },
    phones: two(800, 2000, {
      presses: [
        { key: '5', afterAnswerMs: 1000, by: 'rtp' },
        { key: '1', afterAnswerMs: 4000, by: 'info' },
      ],
    }),
    ends: contactHangsUp,
    expected: {
      operator: [whole('operator_message'), some('dialing_music'), some('contact_voice')],
      contact: [some('operator_voice')],
      dialledAfterKey: '1',
      ...talked('subscriber_disconnects'),
    },
  },
  {
    name: 'early-media',
    title: 'ringback until the contact’s network speaks: then the operator hears its announcement',
    params: { first_call: 'operator', switch_at_once: true, early_switching: true },
    phones: (sounds) => ({
      operator: person(sounds.operatorVoice, 800),
      contact: {
        earlyMedia: { afterMs: 600, rtpAfterMs: 900, sound: sounds.announcement, loop: false },
        final: { type: 'rejects', afterMs: 6500, status: 480 },
      },
    }),
    expected: {
      operator: [some('ringback'), whole('announcement')],
      contact: [],
      talk: false,
      finishReason: 'no_success_subscriber_call',
      legs: { contact: 'subscriber_not_responsible' },
    },
  },
  {
    name: 'ringback',
    title:
      'early_switching meets a phone that only rings: the operator hears ringback until the answer',
    params: { first_call: 'operator', switch_at_once: true, early_switching: true },
    phones: two(800, 5000),
    ends: contactHangsUp,
    expected: {
      operator: [some('ringback'), some('contact_voice')],
      contact: [some('operator_voice')],
      ...talked('subscriber_disconnects'),
    },
  },
  {
    name: 'busy',
    title: 'the contact is busy: the waiting operator is released',
    params: { first_call: 'operator' },
    phones: (sounds) => ({
      operator: person(sounds.operatorVoice, 800),
      contact: { ringsAfterMs: 150, final: { type: 'rejects', afterMs: 2000, status: 486 } },
    }),
    expected: {
      operator: [some('dialing_music')],
      contact: [],
      talk: false,
      finishReason: 'no_success_subscriber_call',
      legs: { contact: 'subscriber_busy' },
    },
  },
  {
    name: 'no-answer',
    title: 'the contact rings until the time is up (shortened to 7 s here)',
    params: { first_call: 'operator', media_file_id: mediaIds.ownMusic },
    phones: (sounds) => ({
      operator: person(sounds.operatorVoice, 800),
      contact: { ringsAfterMs: 150, final: { type: 'neverAnswers' } },
    }),
    expected: {
      operator: [some('own_music')],
      contact: [],
      talk: false,
      finishReason: 'no_success_subscriber_call',
      legs: { contact: 'timeout' },
    },
  },
  {
    name: 'cancel',
    title: 'the operator hangs up while the contact rings: the ringing stops',
    params: { first_call: 'operator' },
    phones: two(800, 20_000),
    ends: { by: 'operator', after: 'contact rings', ms: 2500 },
    expected: {
      operator: [some('dialing_music')],
      contact: [],
      talk: false,
      finishReason: 'operator_disconnects',
      legs: { operator: 'operator_disconnects' },
    },
  },
  {
    name: 'release',
    title: 'release.call ends a call while the contact rings',
    params: { first_call: 'operator' },
    phones: two(800, 20_000),
    ends: { by: 'release.call', after: 'contact rings', ms: 1500 },
    expected: {
      operator: [some('dialing_music')],
      contact: [],
      talk: false,
      finishReason: 'operator_disconnects',
      legs: {},
    },
  },
  {
    name: 'dtmf',
    title: 'dtmf_string .12.1..4 dials through the contact’s menu after the answer',
    params: { first_call: 'operator', switch_at_once: true, dtmf_string: '.12.1..4' },
    phones: two(800, 1500),
    ends: { by: 'contact', after: 'talk starts', ms: 6500 },
    expected: {
      operator: [some('dialing_music'), some('contact_voice')],
      contact: [some('operator_voice')],
      keys: '.12.1..4',
      ...talked('subscriber_disconnects'),
    },
  },
  {
    name: 'transcode',
    title: 'one phone knows only A-law, the other only mu-law: the server converts both ways',
    params: { first_call: 'operator' },
    phones: two(800, 1500, { codecs: ['PCMA'] }, { codecs: ['PCMU'] }),
    ends: contactHangsUp,
    expected: {
      operator: [some('dialing_music'), some('contact_voice')],
      contact: [some('operator_voice')],
      ...talked('subscriber_disconnects'),
    },
  },
];
