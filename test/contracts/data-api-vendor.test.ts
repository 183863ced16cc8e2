import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { dataMethods } from '../../src/api/data/data-api.ts';
import { callFinishReasons, callSources, legFinishReasons } from '../../src/api/data/enums.ts';
import { ApiError, everyError, type Mnemonic } from '../../src/api/errors.ts';
import { errorsOfEveryMethod } from '../../src/api/openrpc/every-method.ts';
import { propertiesOf, toJsonSchema } from '../../src/api/openrpc/json-schema.ts';
import type { VendorError, VendorParam } from './vendor.ts';

type VendorField = {
  readonly name: string;
  readonly type: string;
  readonly filter?: boolean;
  readonly sort?: boolean;
  readonly default?: boolean;
};

type VendorDataApi = {
  readonly enums: Readonly<Record<string, readonly string[] | Readonly<Record<string, string>>>>;
  readonly common_errors: readonly VendorError[];
  readonly verb_errors: Readonly<Record<string, readonly VendorError[]>>;
  readonly methods: Readonly<
    Record<
      string,
      {
        readonly params: readonly VendorParam[];
        readonly fields?: readonly VendorField[];
        readonly result: { readonly data: unknown };
        readonly errors: readonly VendorError[];
      }
    >
  >;
};

/** What the vendor documents of its Data API. */
const vendor = JSON.parse(
  readFileSync(new URL('../corpus/vendor-data-api.json', import.meta.url), 'utf8'),
) as VendorDataApi;
const compared = Object.entries(vendor.methods).filter(([name]) => dataMethods.has(name));

/** Where a method of ours is not the vendor's, by `method what aspect`, and why. No others are found. */
const differences: Readonly<Record<string, string>> = {
  'get.api_requests report_id required': 'there are no stored reports',
  'get.api_requests limit default': 'as every other list',
  'get.api_requests limit maximum': 'as every other list',
  'get.api_requests offset default': 'as every other list',
  'get.api_requests offset maximum': 'as every other list',
  'get.api_requests api_request_id type': 'a number, as the answers print it',
  'get.api_requests api_request_error_code type': 'a number, as the answers print it',
  'get.api_requests api_request_status type': 'filters compare its value_id',
  'get.api_requests api_request_is_agent type': 'filters compare its value_id',
  'get.api_requests api_request_component type': 'filters compare its value_id',
  'get.api_requests api_request_execution_time type': 'worded otherwise',
  'get.sip_lines virtual_phone_usage_rule missing': 'another brand has it',
  'get.sip_lines password missing': 'another brand has it; passwords are not kept',
  'get.call_legs_report contact_id type': 'a number by another word',
  'update.sip_lines channels_count maximum': 'the vendor leaves it to the tariff',
};

/** Never answered: nothing here could be meant by them. */
const neverAnswered: readonly string[] = [
  'invalid_parameters_combination',
  'parameter_component_disabled',
  'error',
  'campaign_is_inactive',
  'tariff_restrictions',
];

test('all methods of the vendor are built', () => {
  const missing = Object.keys(vendor.methods).filter((name) => !dataMethods.has(name));
  assert.deepEqual(missing, []);
});

test('a method that the vendor does not have says so', () => {
  for (const { name, extension } of dataMethods.values())
    assert.equal(extension ?? false, !(name in vendor.methods), name);
});

test('parameters and fields differ only where it is explained', () => {
  const found = compared.flatMap(([name, method]) => [
    ...differentParams(name, method.params),
    ...differentFields(name, method.fields ?? []),
  ]);
  assert.deepEqual(found.sort(), Object.keys(differences).sort());
});

function differentParams(name: string, params: readonly VendorParam[]): string[] {
  const ours = propertiesOf(toJsonSchema(dataMethods.get(name)!.params, 'input'));
  assert.deepEqual(
    ours.map((it) => it.name).sort(),
    params.map((it) => it.name).sort(),
    `the parameters of ${name}`,
  );
  return ours.flatMap(({ name: param, required, schema }) => {
    const theirs = params.find((it) => it.name === param)! as VendorParam & { max?: number };
    const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
    const typeOf: Record<string, string> = { iso8601: 'string', enum: 'string' };
    const shown = schema.anyOf?.[0]?.type ?? type;
    const rows: readonly [aspect: string, ours: unknown, theirs: unknown][] = [
      ['required', required, theirs.required],
      ['type', shown === 'integer' ? 'number' : shown, typeOf[theirs.type] ?? theirs.type],
      ['values', [...(schema.enum ?? [])].sort(), [...(theirs.enum ?? [])].sort()],
      ['default', schema.default, theirs.default],
      ['maximum', schema.maximum, theirs.max],
    ];
    return rows
      .filter(([, left, right]) => JSON.stringify(left) !== JSON.stringify(right))
      .map(([aspect]) => `${name} ${param} ${aspect}`);
  });
}

function differentFields(name: string, fields: readonly VendorField[]): string[] {
  const { fields: ours } = dataMethods.get(name)!;
  if (ours === undefined) return [];
  const unknown = ours.filter((it) => !fields.some((theirs) => theirs.name === it.name));
  assert.deepEqual(unknown, [], `${name} has fields of its own`);
  // The page of employees lists `status` twice; the first says more.
  const first = new Map(fields.toReversed().map((field) => [field.name, field]));
  return [...first.values()].flatMap((theirs) => {
    const own = ours.find((it) => it.name === theirs.name);
    if (own === undefined) return [`${name} ${theirs.name} missing`];
    const rows: readonly [aspect: string, ours: unknown, theirs: unknown][] = [
      ['type', own.type, theirs.type],
      ['filter', own.filter, theirs.filter ?? false],
      ['sort', own.sort, theirs.sort ?? false],
      // Where a page has no such column, every field is answered.
      ['default', !own.optional, theirs.default ?? true],
    ];
    return rows
      .filter(([, left, right]) => left !== right)
      .map(([aspect]) => `${name} ${theirs.name} ${aspect}`);
  });
}

test('enumerations, value by value', () => {
  const names = (name: string): string[] => {
    const values = vendor.enums[name]!;
    return Array.isArray(values) ? [...values] : Object.keys(values);
  };
  assert.deepEqual([...callSources], names('calls_source'));
  assert.deepEqual([...callFinishReasons], names('calls_finish_reason'));
  assert.deepEqual([...legFinishReasons].sort(), names('legs_finish_reason').sort());
});

for (const [name, { result }] of compared)
  test(`${name}: the vendor's printed answer has the described form`, () => {
    const { success, error } = dataMethods.get(name)!.result!.safeParse(result.data);
    assert.ok(success, error?.message);
  });

describe('errors, word for word', () => {
  const documented = [...vendor.common_errors, ...Object.values(vendor.verb_errors).flat()];
  const told = new Set<string>(
    [...errorsOfEveryMethod, ...[...dataMethods.values()].flatMap(({ errors = [] }) => errors)].map(
      ({ mnemonic }) => mnemonic,
    ),
  );

  for (const { mnemonic, code, message } of documented)
    test(`${mnemonic} ${code}`, () => {
      assert.equal(told.has(mnemonic), !neverAnswered.includes(mnemonic), 'told by a page');
      if (!(mnemonic in everyError)) return;
      const ours = new ApiError(mnemonic as Mnemonic);
      assert.equal(ours.message, message);
      // `forbidden` has two codes: of rights, and of an entity that may not be touched.
      if (mnemonic !== 'forbidden') assert.equal(ours.code, code);
    });

  for (const [name, { errors }] of compared)
    test(`${name}: no error but those of its verb`, () => {
      const known = new Set(documented.map(({ mnemonic }) => mnemonic));
      const ofVerb = new Set(errors.map(({ mnemonic }) => mnemonic));
      const common = new Set(vendor.common_errors.map(({ mnemonic }) => mnemonic));
      for (const { mnemonic } of dataMethods.get(name)!.errors!) {
        assert.ok(known.has(mnemonic), `${mnemonic} is none of the vendor's`);
        assert.ok(ofVerb.has(mnemonic) || common.has(mnemonic), `${mnemonic} is of another verb`);
      }
    });
});
