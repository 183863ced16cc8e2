import type { Condition, FilterValue, ListQuery, Operator } from '../../store/list-query.ts';
import { isRegexp } from '../../store/list-query.ts';
import { isObject } from '../envelope.ts';
import { ApiError, type Mnemonic } from '../errors.ts';
import { secondsOf } from '../zone-time.ts';
import type { Field, FieldType } from './fields.ts';

export const defaultLimit = 1_000;
export const mostLimit = 10_000;
export const mostOffset = 100_000;
/** More conditions than anybody writes by hand; a filter is tested on every row. */
const mostConditions = 100;
const mostListed = 1_000;

/** The parameters that every `get` method has, as they were sent. */
export type ListParams = {
  readonly limit: number;
  readonly offset: number;
  readonly filter?: Readonly<Record<string, unknown>> | undefined;
  readonly fields?: readonly unknown[] | undefined;
  readonly sort?: readonly unknown[] | undefined;
};

/** What is asked for, checked: spec/data-api-subset.md section 2. */
export type ListRequest = { readonly query: ListQuery; readonly fields: readonly Field[] };

export type ListRules = {
  readonly fields: readonly Field[];
  readonly timeZone: string;
  /** Levels of a filter; three unless the method says otherwise. */
  readonly filterLevels?: number;
};

/** Throws the first error: of `filter`, then of `fields`, then of `sort`. */
export function readListRequest(params: ListParams, rules: ListRules): ListRequest {
  const { limit, offset } = params;
  const filter =
    params.filter === undefined ? undefined : new FilterReader(rules).read(params.filter);
  const fields =
    params.fields === undefined || params.fields.length === 0
      ? rules.fields.filter((one) => !one.optional)
      : params.fields.map((name, index) => findField(name, `fields.${index}`, rules));
  const sort = (params.sort ?? []).map((one, index) => readSort(one, `sort.${index}`, rules));
  return { query: { ...(filter && { filter }), sort, limit, offset }, fields };
}

function readSort(
  sent: unknown,
  path: string,
  rules: ListRules,
): { field: string; descending: boolean } {
  if (!isObject(sent)) throw errorAt('data_type_error', path, sent);
  refuseOthers(sent, ['field', 'order'], path);
  const { order = 'asc' } = sent;
  const found = findField(sent.field, `${path}.field`, rules);
  if (typeof order !== 'string') throw errorAt('data_type_error', `${path}.order`, order);
  if (order !== 'asc' && order !== 'desc')
    throw errorAt('invalid_parameter_value', `${path}.order`, order);
  if (!found.sort) throw errorAt('sort_prohibited', `${path}.field`, sent.field);
  return { field: found.name, descending: order === 'desc' };
}

function findField(name: unknown, path: string, { fields }: ListRules): Field {
  if (name === undefined || name === null) throw errorAt('required_parameter_missed', path, name);
  if (typeof name !== 'string') throw errorAt('data_type_error', path, name);
  const found = fields.find((one) => one.name === name);
  if (found === undefined) throw errorAt('unexpected_parameters', path, name);
  return found;
}

const scalar = ['number', 'string', 'boolean', 'enum', 'iso8601'] as const;
const ordered = ['number', 'iso8601'] as const;
const text = ['string', 'enum'] as const;
const listed = ['number', 'string', 'enum', 'iso8601'] as const;

/** Which types of fields an operator is for. */
const operators: Record<string, readonly FieldType[]> = {
  '=': scalar,
  '!=': scalar,
  '<': ordered,
  '>': ordered,
  '<=': ordered,
  '>=': ordered,
  like: text,
  ilike: text,
  not_like: text,
  not_ilike: text,
  regexp: text,
  in: listed,
  not_in: listed,
  overlap: ['array'],
  not_overlap: ['array'],
  is_null: scalar,
  is_not_null: scalar,
};

/** Reads one filter tree. */
class FilterReader {
  readonly #rules: ListRules;
  #conditions = 0;

  constructor(rules: ListRules) {
    this.#rules = rules;
  }

  read(sent: Readonly<Record<string, unknown>>, path = 'filter', level = 1): Condition {
    return 'filters' in sent ? this.#tree(sent, path, level) : this.#simple(sent, path);
  }

  #tree(sent: Readonly<Record<string, unknown>>, path: string, level: number): Condition {
    refuseOthers(sent, ['filters', 'condition'], path);
    const { filters, condition = 'and' } = sent;
    if (!Array.isArray(filters)) throw errorAt('data_type_error', `${path}.filters`, filters);
    if (typeof condition !== 'string')
      throw errorAt('data_type_error', `${path}.condition`, condition);
    if (condition !== 'and' && condition !== 'or')
      throw errorAt('invalid_parameter_value', `${path}.condition`, condition);
    if (filters.length === 0 || level >= (this.#rules.filterLevels ?? 3) + 1)
      throw errorAt('invalid_parameter_value', `${path}.filters`, filters);
    const read = filters.map((one: unknown, index) => {
      const inner = `${path}.filters.${index}`;
      if (!isObject(one)) throw errorAt('data_type_error', inner, one);
      return this.read(one, inner, level + 1);
    });
    return condition === 'and' ? { all: read } : { any: read };
  }

  #simple(sent: Readonly<Record<string, unknown>>, path: string): Condition {
    if (++this.#conditions > mostConditions) throw errorAt('invalid_parameter_value', path);
    refuseOthers(sent, ['field', 'operator', 'value'], path);
    const found = findField(sent.field, `${path}.field`, this.#rules);
    const { operator } = sent;
    if (operator === undefined || operator === null)
      throw errorAt('required_parameter_missed', `${path}.operator`);
    if (typeof operator !== 'string')
      throw errorAt('data_type_error', `${path}.operator`, operator);
    if (!found.filter) throw errorAt('filter_prohibited', `${path}.field`, sent.field);
    const value = sent.value ?? null;
    const isNullTest = value === null && nullTests.has(operator);
    if (
      !Object.hasOwn(operators, operator) ||
      !(isNullTest || operators[operator]!.includes(found.type))
    )
      throw errorAt('invalid_parameter_value', `${path}.operator`, operator);
    return this.#test(found, operator, value, `${path}.value`);
  }

  #test(found: Field, operator: string, value: unknown, path: string): Condition {
    const { name } = found;
    switch (operator) {
      case 'is_null':
      case 'is_not_null':
        if (value !== null) throw errorAt('invalid_parameter_value', path, value);
        return { field: name, operator: operator === 'is_null' ? '=' : '!=', value: null };
      case 'in':
      case 'not_in':
      case 'overlap':
      case 'not_overlap': {
        const list: unknown[] = Array.isArray(value) ? value : [value];
        if (list.length > mostListed) throw errorAt('invalid_parameter_value', path);
        const read = list.map((one) => this.#value(found, one, path));
        return { field: name, operator, list: read };
      }
      case 'like':
      case 'ilike':
      case 'not_like':
      case 'not_ilike':
      case 'regexp': {
        const isPattern = typeof value === 'string' && value.length <= 500;
        if (!isPattern || (operator === 'regexp' && !isRegexp(value)))
          throw errorAt('invalid_parameter_value', path, value);
        return { field: name, operator, value };
      }
      default: {
        const read = value === null ? null : this.#value(found, value, path);
        return { field: name, operator: operator as Operator, value: read };
      }
    }
  }

  /** A value as rows have it; one that does not fit its field is refused. */
  #value({ type, values }: Field, value: unknown, path: string): FilterValue {
    const fits = {
      number: () => typeof value === 'number',
      boolean: () => typeof value === 'boolean',
      string: () => typeof value === 'string',
      enum: () => typeof value === 'string' && (values?.includes(value) ?? true),
      iso8601: () => typeof value === 'string',
      array: () => typeof value === 'string' || typeof value === 'number',
      object: () => false,
    }[type]();
    const read = type === 'iso8601' && fits ? this.#instant(value as string) : value;
    if (!fits || read === undefined) throw errorAt('invalid_parameter_value', path, value);
    return read as FilterValue;
  }

  #instant(value: string): number | undefined {
    return secondsOf(this.#rules.timeZone, value);
  }
}

/** These compare with an absent value when none is sent, whatever the field's type. */
const nullTests: ReadonlySet<string> = new Set(['=', '!=', 'is_null', 'is_not_null']);

function refuseOthers(
  sent: Readonly<Record<string, unknown>>,
  known: readonly string[],
  path: string,
): void {
  const other = Object.keys(sent).find((key) => !known.includes(key));
  if (other !== undefined) throw errorAt('unexpected_parameters', `${path}.${other}`, sent[other]);
}

function errorAt(mnemonic: Mnemonic, field: string, value?: unknown): ApiError {
  return new ApiError(mnemonic, { field, value });
}
