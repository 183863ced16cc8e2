import { z } from 'zod';
import { ApiError } from '../../errors.ts';
import { defineMethod, type MethodError, type MethodRequest } from '../../method.ts';
import { wholeNumber } from '../../parameters.ts';
import { dataParams } from '../data-method.ts';
import { duplicate, idOf, notFound, nothing } from '../entities.ts';

const tagging = dataParams({
  communication_id: wholeNumber
    .optional()
    .describe('`communication_id` of `get.calls_report`; wins over `communication_ext_id`'),
  communication_ext_id: z
    .string()
    .optional()
    .describe('the `external_id` a call was started with; the latest such call is meant'),
  communication_type: z
    .enum(['chat', 'call', 'goal', 'offline_message'])
    .describe('there are only calls here'),
  tag_id: idOf('get.tags'),
});

const errors = [
  { mnemonic: 'required_parameter_missed', when: 'neither of the two ids' },
  {
    mnemonic: 'entity_not_found',
    when: 'no ended call of the account is meant, or it has no such tag',
  },
] as const satisfies readonly MethodError[];

const common = {
  component: 'Data API',
  weight: 1,
  params: tagging,
  result: nothing,
} as const;

export const setTagCommunications = defineMethod({
  ...common,
  name: 'set.tag_communications',
  summary: 'Puts a tag on an ended call.',
  errors: [...errors, { mnemonic: 'duplicate_entity', when: 'the call has the tag already' }],
  example: {
    params: { communication_id: 237859081, communication_type: 'call', tag_id: 254 },
    result: {},
  },

  async run(request) {
    const { tagId, callSessionId } = await meant(request);
    const { caller, parts } = request;
    const isNew = await parts.store.tags.putOnCall({
      callSessionId,
      tagId,
      userId: caller.user.id,
      userLogin: caller.user.login,
      changedAt: Math.floor(parts.clock.wallTime() / 1000),
    });
    if (!isNew) throw duplicate('tag_id', tagId);
    return {};
  },
});

export const unsetTagCommunications = defineMethod({
  ...common,
  name: 'unset.tag_communications',
  summary: 'Takes a tag off an ended call.',
  errors: [...errors, { mnemonic: 'entity_not_found', when: 'the call does not have the tag' }],

  async run(request) {
    const { tagId, callSessionId } = await meant(request);
    if (!(await request.parts.store.tags.takeOffCall(callSessionId, tagId)))
      throw notFound('tag_id', tagId);
    return {};
  },
});

/** The call and the tag, both of the account. */
async function meant({
  params,
  caller: { account },
  parts: { store },
}: MethodRequest<z.output<typeof tagging>>): Promise<{ tagId: number; callSessionId: number }> {
  const { communication_id: id, communication_ext_id: externalId, tag_id: tagId } = params;
  if (id === undefined && externalId === undefined)
    throw new ApiError('required_parameter_missed', { field: 'communication_id' });
  await store.calls.flushed(); // A call that ended just now may still be on its way.
  const callSessionId =
    params.communication_type === 'call'
      ? await store.tags.endedCall(
          account.id,
          id === undefined ? { externalId: externalId! } : { id },
        )
      : undefined;
  if (callSessionId === undefined)
    throw id === undefined
      ? notFound('communication_ext_id', externalId)
      : notFound('communication_id', id);
  if ((await store.tags.find(account.id, tagId)) === undefined) throw notFound('tag_id', tagId);
  return { tagId, callSessionId };
}
