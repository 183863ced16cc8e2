import { z } from 'zod';
import type { Interval } from '../../store/data-store.ts';
import { ApiError } from '../errors.ts';
import type { MethodError } from '../method.ts';
import { localDateTime, secondsOf } from '../zone-time.ts';

/** The interval of a report; both ends belong to it. */
export const intervalShape = {
  date_from: z.string().describe('`YYYY-MM-DD hh:mm:ss` in the time of the account'),
  date_till: z.string().describe('the same; this second is within'),
};

/** What `readInterval` throws. */
export const intervalErrors = [
  {
    mnemonic: 'invalid_parameter_value',
    when: 'an end that is no date and time of this form, or `date_till` before `date_from`',
  },
  { mnemonic: 'date_interval_limit_reached', when: 'a longer interval' },
] as const satisfies readonly MethodError[];

type Sent = { readonly date_from: string; readonly date_till: string };

/** The latest end of an interval that begins at a local `YYYY-MM-DD hh:mm:ss`. */
export type LongestInterval = (from: string) => string;

/** Three calendar months: from the 30th of November to the end of February, whichever day that is. */
export const threeMonths: LongestInterval = (from) => {
  const [year, month, day] = from.slice(0, 10).split('-').map(Number) as [number, number, number];
  const lastDay = new Date(Date.UTC(year, month + 3, 0)).getUTCDate();
  const end = new Date(Date.UTC(year, month + 2, Math.min(day, lastDay)));
  return end.toISOString().slice(0, 10) + from.slice(10);
};

/** So many days, by the calendar. */
export function days(count: number): LongestInterval {
  return (from) => {
    const end = new Date(`${from.replace(' ', 'T')}Z`).getTime() + count * 86_400_000;
    return new Date(end).toISOString().slice(0, 19).replace('T', ' ');
  };
}

/** Throws `invalid_parameter_value` or `date_interval_limit_reached`. */
export function readInterval(
  { date_from, date_till }: Sent,
  timeZone: string,
  longest: LongestInterval = threeMonths,
): Interval {
  const from = secondsOf(timeZone, date_from);
  const till = secondsOf(timeZone, date_till);
  if (from === undefined)
    throw new ApiError('invalid_parameter_value', { field: 'date_from', value: date_from });
  if (till === undefined || till < from)
    throw new ApiError('invalid_parameter_value', { field: 'date_till', value: date_till });
  if (localDateTime(timeZone, till) > longest(date_from))
    throw new ApiError('date_interval_limit_reached', { field: 'date_till', value: date_till });
  return { from, till };
}
