import { z } from 'zod';
import { numbersComponent, speechComponent } from '../../model/component.ts';
import type { Prompt } from '../../model/party.ts';
import type { SimpleCallOrder } from '../../model/simple-call-order.ts';
import { usageRules } from '../../numbers/number-chooser.ts';
import type { Account, MediaFile, Store } from '../../store/store.ts';
import { ApiError } from '../errors.ts';
import { type ApiParts, defineMethod, type Speech } from '../method.ts';
import { accessToken, phoneNumber, wholeNumber } from '../parameters.ts';
import { checkLines, checkPolicy, reserve } from './start-simple-call-policy.ts';
import { errors, example, remarks, summary } from './start-simple-call-text.ts';

const longestExternalId = 255;
/** Four minutes of pauses: longer than anybody's menu. */
const longestDtmf = 255;

/** A file id as text (not a number, as `media_file_id` is), or a text to speak. */
const message = z
  .strictObject({
    type: z.enum(['media', 'tts']).describe('`media`: a stored file; `tts`: a text to speak'),
    value: z.string().describe('the id of a file **as a string**, or the text'),
  })
  .refine(({ type, value }) => (type === 'media' ? isFileId(value) : value.trim() !== ''), {
    path: ['value'],
  });

/** A number of the telephone network, or of the form of an employee's SIP line: model/party.ts. */
const party = z.string().regex(/^(?:[1-9][0-9]{6,14}|0[0-9]{6})$/);

/** In the order of the vendor's page: the first bad one is the one reported. */
const params = z.strictObject({
  access_token: accessToken,
  first_call: z.enum(['contact', 'operator']).describe('who is rung first'),
  switch_at_once: z
    .boolean()
    .default(false)
    .describe('connect at the second answer instead of letting messages end'),
  early_switching: z
    .boolean()
    .default(false)
    .describe(
      "the operator hears the contact's line while it rings; only with `first_call: operator` and `switch_at_once: true`",
    ),
  media_file_id: wholeNumber
    .optional()
    .describe(
      "a file of the account or the system: heard while waiting, looped; left out: the system's `dialing_music`",
    ),
  virtual_phone_number: phoneNumber.describe(
    'an active number of the account: the caller, and what is presented where no number fits the rule',
  ),
  virtual_phone_usage_rule: z
    .enum(usageRules)
    .default('fixed')
    .describe('how the number that is presented is chosen: [Numbers](../operating/numbers.md)'),
  show_virtual_phone_number: z
    .boolean()
    .default(true)
    .describe("false: the operator sees the contact's number"),
  contact: party.describe("E.164 digits without `+`, or the number of an employee's SIP line"),
  external_id: z
    .string()
    .refine((id) => id.length <= longestExternalId || [...id].length <= longestExternalId)
    .meta({ maxLength: longestExternalId })
    .optional()
    .describe('given back in `list.calls`'),
  dtmf_string: z
    .string()
    .regex(/^[0-9*#.]+$/)
    .max(longestDtmf)
    .optional()
    .describe(
      'keys sent to the contact, counted from its answer: `0-9 * #`, and `.` for a second without one',
    ),
  direction: z.enum(['in', 'out']).default('in').describe('a label'),
  operator: party.describe('as `contact`'),
  operator_confirmation: z
    .string()
    .regex(/^(?:[0-9*#]|any)$/)
    .optional()
    .describe('the operator must press this key; `any`: whichever'),
  contact_message: message.optional().describe('played to the contact'),
  operator_message: message.optional().describe('played to the operator'),
});

type Params = z.output<typeof params>;

/** Rings one phone, then the other, and connects them: spec/simple-call.md. */
export const startSimpleCall = defineMethod({
  name: 'start.simple_call',
  component: 'Call API Базовый набор',
  weight: 1,
  summary,
  params,
  result: z.strictObject({ call_session_id: wholeNumber }),
  errors,
  example,
  remarks,

  /** Steps 17 to 21; the answer comes as soon as the order is stored, before anybody answers. */
  async run({ params, caller: { account }, parts }) {
    const { store, numbers, calls } = parts;
    await checkLines(params, account, store);
    checkCombination(params, account);
    const prompts = await findEntities(params, account, store);
    const permitted = await checkPolicy(params, account, parts);
    checkTexts(params, account);
    const reservation = reserve(numbers, permitted);
    try {
      // Spoken before anybody is dialled; what fails here fails the request.
      const spoken = await speakMessages(params, account, parts);
      const virtualNumber = await numbers.choose({
        accountId: account.id,
        rule: params.virtual_phone_usage_rule,
        contact: params.contact,
        fallback: params.virtual_phone_number,
      });
      const order = toOrder(params, { account, prompts: { ...prompts, ...spoken }, virtualNumber });
      const callSessionId = await calls.start(order);
      reservation.started(callSessionId);
      return { call_session_id: callSessionId };
    } catch (error) {
      reservation.failed();
      throw error;
    }
  },
});

function toOrder(
  params: Params,
  from: { account: Account; prompts: Prompts; virtualNumber: string },
): SimpleCallOrder {
  const { music, ringback, contactMessage, operatorMessage } = from.prompts;
  return {
    accountId: from.account.id,
    firstCall: params.first_call,
    switchAtOnce: params.switch_at_once,
    earlySwitching: params.early_switching,
    music,
    ringback,
    virtualNumber: from.virtualNumber,
    showVirtualNumber: params.show_virtual_phone_number,
    contact: params.contact,
    operator: params.operator,
    direction: params.direction,
    ...(contactMessage && { contactMessage }),
    ...(operatorMessage && { operatorMessage }),
    ...(params.operator_confirmation !== undefined && {
      operatorConfirmation: params.operator_confirmation,
    }),
    ...(params.dtmf_string !== undefined && { dtmfString: params.dtmf_string }),
    ...(params.external_id !== undefined && { externalId: params.external_id }),
  };
}

/** Step 17, and the component that only a parameter can ask for. */
function checkCombination(params: Params, { disabledComponents }: Account): void {
  const { early_switching, first_call, switch_at_once, virtual_phone_usage_rule: rule } = params;
  if (early_switching && !(first_call === 'operator' && switch_at_once))
    throw new ApiError('invalid_parameters_combination', { field: 'early_switching', value: true });
  if (rule !== 'fixed' && disabledComponents.includes(numbersComponent))
    throw disabled(numbersComponent, { field: 'virtual_phone_usage_rule', value: rule });
}

type Prompts = {
  readonly music: Prompt;
  readonly ringback: Prompt;
  readonly contactMessage: Prompt | undefined;
  readonly operatorMessage: Prompt | undefined;
};

/** Step 18, in the order of the parameters. */
async function findEntities(params: Params, account: Account, store: Store): Promise<Prompts> {
  const { media_file_id: musicId, virtual_phone_number: number } = params;
  const find = async (id: number, field: string, value: unknown): Promise<Prompt> => {
    const file = await store.media.find(account.id, id);
    if (file !== undefined) return toPrompt(file);
    throw new ApiError('media_file_not_found', { field, value, params: { media_file_id: id } });
  };
  const findMessage = async (
    field: 'contact_message' | 'operator_message',
  ): Promise<Prompt | undefined> => {
    const { type, value } = params[field] ?? {};
    return type === 'media' ? find(Number(value), `${field}.value`, value) : undefined;
  };

  const music =
    musicId === undefined
      ? await systemPrompt(store, 'dialing_music')
      : await find(musicId, 'media_file_id', musicId);
  const own = await store.numbers.find(number);
  if (own === undefined || own.accountId !== account.id || !own.active)
    throw new ApiError('virtual_phone_number_not_found', {
      field: 'virtual_phone_number',
      value: number,
      params: { virtual_phone_number: number },
    });
  const contactMessage = await findMessage('contact_message');
  const operatorMessage = await findMessage('operator_message');
  return {
    music,
    ringback: await systemPrompt(store, 'ringback'),
    contactMessage,
    operatorMessage,
  };
}

/** Step 20; then the component, which only a parameter can ask for. */
function checkTexts(params: Params, { ttsMaxLength, disabledComponents }: Account): void {
  const spoken = (['contact_message', 'operator_message'] as const).flatMap((name) => {
    const { type, value } = params[name] ?? {};
    return type === 'tts' && value !== undefined ? [{ field: `${name}.value`, value }] : [];
  });
  for (const { field, value } of spoken) {
    const length = [...value].length;
    if (length > ttsMaxLength)
      throw new ApiError('tts_text_exceeded', {
        field,
        value,
        params: { tts_message_max_length: ttsMaxLength, sent_tts_message_length: length },
      });
  }
  const [first] = spoken;
  if (first !== undefined && disabledComponents.includes(speechComponent))
    throw disabled(speechComponent, { field: first.field.replace('value', 'type'), value: 'tts' });
}

/** The texts among the messages as sounds. */
async function speakMessages(
  { contact_message, operator_message }: Params,
  account: Account,
  { speech }: ApiParts,
): Promise<Partial<Pick<Prompts, 'contactMessage' | 'operatorMessage'>>> {
  const [contactMessage, operatorMessage] = await Promise.all([
    speak(contact_message, account, speech),
    speak(operator_message, account, speech),
  ]);
  return { ...(contactMessage && { contactMessage }), ...(operatorMessage && { operatorMessage }) };
}

/** The text of a message as a sound; undefined: it has none. */
async function speak(
  message: Params['contact_message'],
  account: Account,
  speech: Speech,
): Promise<Prompt | undefined> {
  return message?.type === 'tts' ? speech.speak(account.name, message.value) : undefined;
}

/** A sound that comes with the server. */
async function systemPrompt(store: Store, name: string): Promise<Prompt> {
  const file = await store.media.system(name);
  if (file === undefined)
    throw new Error(`the system file ${name} is missing: start the server again`);
  return toPrompt(file);
}

function toPrompt({ id, name, path }: MediaFile): Prompt {
  return { id, name, path };
}

function disabled(component: string, details: { field: string; value: string }): ApiError {
  return new ApiError('component_disabled', { ...details, params: { component_name: component } });
}

function isFileId(text: string): boolean {
  return /^[0-9]+$/.test(text) && Number.isSafeInteger(Number(text));
}
