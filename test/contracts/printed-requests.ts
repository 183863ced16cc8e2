import { readFileSync } from 'node:fs';
import { password } from './api-installation.ts';

export type ApiPath = '/v4.0' | '/v2.0';

/** What the rows that a request names are called in the installation of the golden test. */
export type KnownIds = {
  readonly callSessionId: number;
  readonly legId: number;
  readonly tagId: number;
  readonly endedCallId: number;
  readonly tagOnCallId: number;
  readonly employeeId: number;
  readonly sipLineId: number;
  readonly blacklistId: number;
};

export type PrintedRequest = {
  readonly method: string;
  readonly params: (known: KnownIds) => Readonly<Record<string, unknown>>;
};

/** The body of the request that the vendor's page of start.simple_call prints, byte for byte. */
export const vendorRequest = readFileSync(
  new URL('../corpus/vendor-request.json', import.meta.url),
  'utf8',
);

const numbers = { virtual_phone_number: '74993720692', contact: '79260000000' };
const greeting = { type: 'tts', value: 'Привет' };
const session = ({ callSessionId }: KnownIds) => ({ call_session_id: callSessionId });
const call = (method: string, params: PrintedRequest['params']): PrintedRequest => ({
  method,
  params,
});
const interval = { date_from: '2026-01-01 00:00:00', date_till: '2026-01-31 23:59:59' };

/**
 * A request of every method that the specification prints, with the parameters of its table and the
 * values it prints for them; `access_token` is added. What it must be answered is in the corpus.
 */
export const printedRequests: Readonly<Record<ApiPath, readonly PrintedRequest[]>> = {
  '/v4.0': [
    call('login.user', () => ({ login: 'user of one', password })),
    call('logout.user', () => ({})),
    call('start.employee_call', ({ employeeId }) => ({
      first_call: 'employee',
      switch_at_once: true,
      early_switching: false,
      media_file_id: 2701,
      show_virtual_phone_number: false,
      ...numbers,
      external_id: '334otr01',
      dtmf_string: '.1.2.3',
      direction: 'in',
      employee: { id: employeeId, phone_number: '79262444491' },
      contact_message: greeting,
      employee_message: { type: 'media', value: '2561' },
    })),
    call('start.scenario_call', () => ({
      first_call: 'employee',
      switch_at_once: true,
      ...numbers,
      external_id: '334otr01',
      dtmf_string: '.1.2.3',
      direction: 'in',
      scenario_id: 1,
      contact_message: greeting,
      employee_message: { type: 'media', value: '2561' },
    })),
    // Its table has no show_virtual_phone_number, its printed request has (W9).
    call('start.vnumber_call', () => ({
      first_call: 'employee',
      switch_at_once: true,
      show_virtual_phone_number: false,
      ...numbers,
      external_id: '334otr01',
      dtmf_string: '.1.2.3',
      direction: 'in',
      contact_message: greeting,
    })),
    call('start.informer_call', () => ({
      ...numbers,
      external_id: '334otr01',
      dtmf_string: '.1.2.3',
      direction: 'in',
      dialing_timeout: 30,
      contact_message: greeting,
    })),
    call('start.simple_call', () => {
      const { access_token: _, ...params } = JSON.parse(vendorRequest).params;
      return params;
    }),
    call('make.call', (known) => ({ ...session(known), to: '79091234567', to_message: greeting })),
    call('transfer.talk', session),
    call('restore.talk', session),
    call('hold.call', (known) => ({ ...session(known), contact_message: greeting })),
    call('unhold.call', session),
    call('tag.call', (known) => ({ ...session(known), tag_id: known.tagId })),
    call('disconnect.leg', (known) => ({ ...session(known), leg_id: known.legId })),
    call('add.coach', (known) => ({ ...session(known), phone_number: '79091234567' })),
    call('record.call', (known) => ({ ...session(known), action: 'on' })),
    call('block.contact', session),
    call('call.talk_option', (known) => ({ ...session(known), button: '1' })),
    call('send.dtmf', (known) => ({ ...session(known), dtmf_string: '1' })),
    call('list.talk_options', () => ({})),
    call('list.calls', () => ({ direction: 'in', virtual_phone_number: '74951045771' })),
    call('release.call', session),
  ],
  '/v2.0': [
    call('login.user', () => ({ login: 'user of one', password })),
    call('logout.user', () => ({})),
    call('get.account', () => ({})),
    call('get.virtual_numbers', () => ({
      limit: 1,
      offset: 0,
      filter: { field: 'status', operator: '=', value: 'active' },
      sort: [{ field: 'name', order: 'asc' }],
    })),
    call('get.media_files', () => ({
      filter: { field: 'type', operator: '=', value: 'system' },
      sort: [{ field: 'id', order: 'asc' }],
    })),
    call('get.blacklist_phone_numbers', () => ({})),
    call('create.phone_number_to_blacklist', () => ({
      phone_number: '79091234567',
      add_comment: 'Боб',
    })),
    call('delete.phone_number_from_blacklist', ({ blacklistId }) => ({ id: blacklistId })),
    call('get.tags', () => ({})),
    call('create.tags', () => ({ name: 'Нецелевой' })),
    call('update.tags', ({ tagId }) => ({ id: tagId, name: 'Нецелевой' })),
    call('delete.tags', ({ tagId }) => ({ id: tagId })),
    call('set.tag_communications', ({ endedCallId, tagId }) => ({
      communication_id: endedCallId,
      communication_type: 'call',
      tag_id: tagId,
    })),
    call('unset.tag_communications', ({ endedCallId, tagOnCallId }) => ({
      communication_id: endedCallId,
      communication_type: 'call',
      tag_id: tagOnCallId,
    })),
    call('get.calls_report', () => ({
      ...interval,
      sort: [{ field: 'start_time', order: 'desc' }],
      filter: {
        filters: [
          { field: 'contact_phone_number', operator: '=', value: '79260000000' },
          { field: 'is_lost', operator: '=', value: false },
        ],
        condition: 'and',
      },
    })),
    call('get.call_legs_report', () => interval),
    call('get.sip_lines', () => ({})),
    call('create.sip_lines', ({ employeeId }) => ({
      employee_id: employeeId,
      virtual_phone_number: '74993720692',
    })),
    call('update.sip_lines', ({ employeeId, sipLineId }) => ({
      id: sipLineId,
      employee_id: employeeId,
      virtual_phone_number: '74993720692',
      billing_state: 'active',
      channels_count: 1,
    })),
    call('update.sip_line_password', ({ sipLineId }) => ({ id: sipLineId })),
    call('delete.sip_lines', ({ sipLineId }) => ({ id: sipLineId })),
    call('get.sip_line_virtual_numbers', () => ({})),
    call('get.employees', () => ({})),
    call('get.api_requests', () => ({ report_id: 1, ...interval })),
  ],
};
