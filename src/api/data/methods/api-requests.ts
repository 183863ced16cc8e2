import { z } from 'zod';
import { wholeNumber } from '../../parameters.ts';
import { defineList } from '../data-method.ts';
import { type Field, field } from '../fields.ts';
import { days, intervalErrors, intervalShape, readInterval } from '../interval.ts';

const longestDays = 366;

/** A value with its name for people; filters compare the value. */
const named = (valueId: z.ZodType) => z.strictObject({ value: z.string(), value_id: valueId });

const fields: readonly Field[] = [
  field('api_request_id', 'number', 'fs', 'number of the request in this report'),
  field('token_name', 'string', 'fs', 'label of the permanent key; null: a session token'),
  field('api_request_ip', 'string', 'fs', 'of the client'),
  field('employee_login', 'string', 'fs', 'of the user'),
  field('call_session_id', 'number', 'fs', 'the call it began or was about'),
  field('api_request_body', 'string', 'fs', 'without tokens and passwords'),
  field('api_request_method', 'string', 'fs'),
  field('api_request_raw_id', 'string', 'fs', 'the `id` that was sent'),
  field('api_request_status', 'enum', 'fs', 'filters compare `value_id`', {
    values: ['success', 'failure'],
    schema: named(z.enum(['success', 'failure'])),
  }),
  field('api_request_version', 'string', 'fs', 'without the `v`'),
  field('api_request_is_agent', 'boolean', 'fs', 'always `{"value":"Нет","value_id":false}`', {
    schema: named(z.literal(false)),
  }),
  field('api_request_component', 'enum', 'fs', 'filters compare `value_id`', {
    values: ['callapi', 'dataapi'],
    schema: named(z.enum(['callapi', 'dataapi'])),
  }),
  field('api_request_error_code', 'number', 'fs', 'null: it succeeded'),
  field('api_request_raw_ext_id', 'string', 'fs', 'the `external_id` that was sent'),
  field('api_request_method_weight', 'number', 'fs', 'points; of failures too, which cost none'),
  field('api_request_error_mnemonic', 'string', 'fs', 'null: it succeeded'),
  field('api_request_execution_time', 'number', 'fs', 'seconds'),
  field('api_request_start_date_time', 'iso8601', 'fs', 'when it arrived'),
];

export const getApiRequests = defineList({
  name: 'get.api_requests',
  summary: `The requests of both APIs within an interval of at most ${longestDays} days.`,
  shape: {
    report_id: wholeNumber.optional().describe('accepted and ignored: there are no stored reports'),
    ...intervalShape,
  },
  fields,
  filterLevels: 2,
  errors: intervalErrors,
  remarks: `Left out, as the vendor documents it, are requests that failed with \`parse_error\`, \`invalid_request\`,
\`method_not_found\`, \`access_token_blocked\`, \`access_token_invalid\`, \`access_token_expired\`, \`auth_error\`
or \`ip_not_whitelisted\`, and those older than \`retention.api_request_days\`. A filter has at most two levels.`,

  async page({ params, caller: { account }, parts: { store } }, { query, fields }) {
    const interval = readInterval(params, account.timeZone, days(longestDays));
    await store.requests.flushed();
    return store.reports.requests({
      accountId: account.id,
      interval,
      query,
      fields: fields.map(({ name }) => name),
    });
  },
});
