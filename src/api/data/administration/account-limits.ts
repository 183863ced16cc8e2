import { z } from 'zod';
import { Listing } from '../../listing.ts';
import { defineMethod } from '../../method.ts';
import { wholeNumber } from '../../parameters.ts';
import { dataParams } from '../data-method.ts';
import { administers, nothing } from '../entities.ts';

const about = {
  points_per_minute: 'points of requests a minute',
  points_per_day: 'points of requests a day',
  tts_max_length: 'characters of a message of type `tts`',
};

export const getAccountLimits = defineMethod({
  ...administers,
  name: 'get.account_limits',
  summary: 'What the account may use: an array of one.',
  params: dataParams({}),
  result: z.array(
    z.strictObject({
      points_per_minute: z.int().describe(about.points_per_minute),
      points_per_day: z.int().describe(about.points_per_day),
      tts_max_length: z.int().describe(about.tts_max_length),
    }),
  ),
  errors: [],

  async run({ caller: { account }, parts: { store } }) {
    const { minuteLimit, dayLimit, ttsMaxLength } =
      (await store.accounts.byId(account.id)) ?? account;
    const row = {
      points_per_minute: minuteLimit,
      points_per_day: dayLimit,
      tts_max_length: ttsMaxLength,
    };
    return new Listing([row], 1);
  },
});

const upTo = (most: number) => wholeNumber.min(1).max(most).optional();

export const updateAccountLimits = defineMethod({
  ...administers,
  name: 'update.account_limits',
  summary:
    'Changes what the account may use; what is left out stays. Limits that `dozvon.yaml` names hold again after a start.',
  params: dataParams({
    points_per_minute: upTo(1_000_000).describe(about.points_per_minute),
    points_per_day: upTo(1_000_000_000).describe(about.points_per_day),
    tts_max_length: upTo(100_000).describe(about.tts_max_length),
  }),
  result: nothing,
  errors: [],

  async run({ params, caller, parts: { store, access } }) {
    await store.transaction(async (within) => {
      const { id: _, ...account } =
        (await within.accounts.byId(caller.account.id)) ?? caller.account;
      await within.accounts.put({
        ...account,
        minuteLimit: params.points_per_minute ?? account.minuteLimit,
        dayLimit: params.points_per_day ?? account.dayLimit,
        ttsMaxLength: params.tts_max_length ?? account.ttsMaxLength,
      });
    });
    access.forgetAll();
    return {};
  },
});
