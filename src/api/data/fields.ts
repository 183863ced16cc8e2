import { z } from 'zod';
import type { ListRow } from '../../store/list-query.ts';
import { localDateTime } from '../zone-time.ts';

export type FieldType = 'number' | 'string' | 'boolean' | 'enum' | 'iso8601' | 'array' | 'object';

/** One column of a `get` method, as spec/data-api-subset.json has it. */
export type Field = {
  readonly name: string;
  readonly type: FieldType;
  readonly filter: boolean;
  readonly sort: boolean;
  /** Left out when `fields` is absent. */
  readonly optional?: true;
  /** All values of an enum. */
  readonly values?: readonly string[];
  /** What it is, in a few words. */
  readonly about: string;
  /** How the value of a row is shown, when it is not shown as it is. */
  show?(value: unknown, timeZone: string): unknown;
  /** The form of what is shown, where the type alone does not tell. */
  readonly schema?: z.ZodType;
};

type Options = Omit<Field, 'name' | 'type' | 'filter' | 'sort' | 'about'>;

/**
 * `field('id', 'number', 'fs', 'file id')`: `f` it may be filtered by, `s` sorted by, `-` left out when
 * the request names no fields.
 */
export function field(
  name: string,
  type: FieldType,
  marks: string,
  about = '',
  options: Options = {},
): Field {
  return {
    name,
    type,
    filter: marks.includes('f'),
    sort: marks.includes('s'),
    ...(marks.includes('-') && { optional: true as const }),
    about,
    ...options,
  };
}

/** The form of a list of rows: each field is there when it was asked for. */
export function rowsSchema(fields: readonly Field[]): z.ZodType {
  return z.array(
    z.strictObject(
      Object.fromEntries(
        fields.map((one) => [one.name, schemaOf(one).nullable().optional().describe(one.about)]),
      ),
    ),
  );
}

function schemaOf({ type, values, schema }: Field): z.ZodType {
  if (schema !== undefined) return schema;
  switch (type) {
    case 'number':
      return z.number();
    case 'boolean':
      return z.boolean();
    case 'array':
      return z.array(z.unknown());
    case 'object':
      return z.record(z.string(), z.unknown());
    case 'enum':
      return values === undefined ? z.string() : z.enum(values);
    default:
      return z.string();
  }
}

/** A row as the answer has it: the asked fields in their order, instants in the account's time. */
export function showRow(
  row: ListRow,
  fields: readonly Field[],
  timeZone: string,
): Record<string, unknown> {
  return Object.fromEntries(
    fields.map((one) => [one.name, showValue(row[one.name] ?? null, one, timeZone)]),
  );
}

function showValue(value: unknown, { type, show }: Field, timeZone: string): unknown {
  if (show !== undefined) return show(value, timeZone);
  if (type === 'iso8601' && typeof value === 'number') return localDateTime(timeZone, value);
  return value;
}
