import { readFileSync } from 'node:fs';

/** A parameter as the vendor's tables have it: test/corpus/vendor-call-api.json. */
export type VendorParam = {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly children?: readonly VendorParam[];
};

export type VendorError = {
  readonly mnemonic: string;
  readonly code: number;
  readonly message: string;
};

export type VendorApi = {
  readonly error_example: unknown;
  readonly common_errors: readonly VendorError[];
  readonly methods: Readonly<
    Record<
      string,
      {
        readonly component: string;
        readonly params: readonly VendorParam[];
        readonly result: { readonly data: unknown; readonly metadata: unknown };
        readonly errors: readonly VendorError[];
      }
    >
  >;
};

/** What the vendor documents of its Call API. */
export const vendorCallApi = JSON.parse(
  readFileSync(new URL('../corpus/vendor-call-api.json', import.meta.url), 'utf8'),
) as VendorApi;

/**
 * Where a parameter of ours is not the vendor's, by `method parameter aspect`, and why. The comparison
 * finds these and no others; docs/compatibility.md tells them to readers.
 */
export const differences: Readonly<Record<string, string>> = {
  'start.simple_call media_file_id default':
    'a name stands for a number there: left out, the system file dialing_music is taken',
  'start.simple_call virtual_phone_number pattern': 'E.164 is written out; a plus is refused (W4)',
  'start.simple_call contact pattern': 'E.164 is written out; a plus is refused (W4)',
  'start.simple_call operator pattern': 'E.164 is written out; a plus is refused (W4)',
  'start.simple_call operator_confirmation pattern': 'the same language, written without a group',
  'list.calls virtual_phone_number pattern': 'no number is shorter than 7 or longer than 15 digits',
};

/** Methods of the vendor that are not built yet: each answers `method_not_found`. */
export const notBuilt: readonly string[] = [
  'start.employee_call',
  'start.scenario_call',
  'start.vnumber_call',
  'start.informer_call',
  'make.call',
  'transfer.talk',
  'restore.talk',
  'hold.call',
  'unhold.call',
  'tag.call',
  'disconnect.leg',
  'add.coach',
  'record.call',
  'block.contact',
  'call.talk_option',
  'send.dtmf',
  'list.talk_options',
];
