import { z } from 'zod';
import { isObject } from './envelope.ts';
import { ApiError, type Mnemonic } from './errors.ts';

/** A number as the API writes it: E.164 (ITU-T E.164 section 6) digits without `+`, nothing normalised. */
export const phoneNumber = z.string().regex(/^[1-9][0-9]{6,14}$/);

/** An id: a whole number that a double holds exactly. */
export const wholeNumber = z.number().refine(Number.isSafeInteger).meta({ type: 'integer' });

/** The parameter of every method but `login.user`; checked before the others. */
export const accessToken = z
  .string()
  .describe('a session token from `login.user`, or a permanent key');

type Issue = z.core.$ZodIssue;

/** Steps 12 to 15 of the order of checks, in that order. */
const steps = [
  'unexpected_parameters',
  'required_parameter_missed',
  'data_type_error',
  'invalid_parameter_value',
] as const satisfies readonly Mnemonic[];

/**
 * Checks parameters against a schema whose keys stand in the documented order, and throws the first
 * error: the earliest step, and within it the first parameter (spec/call-api.md section 5). A null
 * for an optional parameter counts as absent.
 */
export function checkParameters<Schema extends z.ZodObject>(
  schema: Schema,
  params: Readonly<Record<string, unknown>>,
): z.output<Schema> {
  const unknown = unknownKey(schema, params);
  if (unknown !== undefined) throw errorAt('unexpected_parameters', [unknown], params);
  const given = withoutNulls(schema, params);
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw firstError(parsed.error.issues, given);
  return parsed.data;
}

/** Step 16: text that no UTF-8 can hold, such as half a surrogate pair written by escapes. */
export function checkEncoding(params: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(params)) {
    if (typeof value === 'string' && !value.isWellFormed())
      throw new ApiError('character_encoding_not_allowed', { field: name });
    if (!isObject(value)) continue;
    for (const [inner, text] of Object.entries(value))
      if (typeof text === 'string' && !text.isWellFormed())
        throw new ApiError('character_encoding_not_allowed', { field: `${name}.${inner}` });
  }
}

/**
 * Only of the top level: within a message everything is required, and a null is missing. A null that
 * the schema takes stays: `update` methods clear an optional field by it.
 */
function withoutNulls(
  { shape }: z.ZodObject,
  params: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const takesNull = (name: string): boolean =>
    (shape[name] as z.ZodType | undefined)?.safeParse(null).success ?? false;
  return Object.fromEntries(
    Object.entries(params).filter(([name, value]) => value !== null || takesNull(name)),
  );
}

/** Zod passes over a key named `__proto__`, so the top level is compared here. */
function unknownKey(schema: z.ZodObject, given: object): string | undefined {
  return Object.keys(given).find((name) => !Object.hasOwn(schema.shape, name));
}

function firstError(issues: readonly Issue[], given: Record<string, unknown>): ApiError {
  // Zod reports in the order of the schema's keys; the sort keeps that order within a step.
  const [first] = issues
    .map((issue) => ({ issue, step: stepOf(issue, given) }))
    .sort((a, b) => steps.indexOf(a.step) - steps.indexOf(b.step));
  const { issue, step } = first!;
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path;
  return errorAt(step, path, given);
}

function stepOf(issue: Issue, given: Record<string, unknown>): (typeof steps)[number] {
  if (issue.code === 'unrecognized_keys') return 'unexpected_parameters';
  const value = valueAt(issue.path, given);
  if (value === undefined || value === null) return 'required_parameter_missed';
  if (issue.code === 'invalid_type') return 'data_type_error';
  // All lists of allowed values are of strings.
  if (issue.code === 'invalid_value' && typeof value !== 'string') return 'data_type_error';
  return 'invalid_parameter_value';
}

function errorAt(
  mnemonic: Mnemonic,
  path: readonly PropertyKey[],
  given: Readonly<Record<string, unknown>>,
): ApiError {
  return new ApiError(mnemonic, { field: path.join('.'), value: valueAt(path, given) });
}

function valueAt(path: readonly PropertyKey[], given: Readonly<Record<string, unknown>>): unknown {
  let value: unknown = given;
  for (const key of path)
    value = isContainer(value) && Object.hasOwn(value, key) ? value[key as string] : undefined;
  return value;
}

/** An object or a list, whose members a path names. */
function isContainer(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
