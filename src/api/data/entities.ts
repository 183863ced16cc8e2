import { z } from 'zod';
import { ApiError } from '../errors.ts';
import type { MethodError } from '../method.ts';
import { wholeNumber } from '../parameters.ts';

/** The most entities of one kind that an account has: lists of them are served out of memory. */
export const mostEntities = 10_000;

/** The code of the verb errors: `forbidden` has another one where it is not about rights. */
const verbCode = -32602;

/** `id` of a method that changes or removes one entity; `method` lists them. */
export function idOf(method: string) {
  return wholeNumber.describe(`of \`${method}\``);
}

/** A line of text for people. */
export function textUpTo(longest: number): z.ZodString {
  return z.string().regex(new RegExp(`^[^\\p{Cc}]{1,${longest}}$`, 'u'));
}

/** A parameter of a method that changes an entity: left out, the value stays. */
export function mayStay<Schema extends z.ZodType>(schema: Schema): z.ZodOptional<Schema> {
  return schema.optional().describe(schema.description ?? '');
}

export function notFound(field: string, value: unknown): ApiError {
  return new ApiError('entity_not_found', { field, value });
}

export function duplicate(field: string, value: unknown): ApiError {
  return new ApiError('duplicate_entity', { field, value });
}

/** The rights would do, but this very entity may not be changed so. */
export function untouchable(field: string, value: unknown): ApiError {
  return new ApiError('forbidden', { field, value, code: verbCode });
}

export function untouchableWhen(when: string): MethodError {
  return { mnemonic: 'forbidden', when, code: verbCode };
}

/** Throws `data_limit_exceeded`. */
export function assertRoom(entities: readonly unknown[]): void {
  if (entities.length >= mostEntities) throw new ApiError('data_limit_exceeded');
}

export const noneOfThatId: MethodError = {
  mnemonic: 'entity_not_found',
  when: 'there is none of that id',
};

export const tooMany: MethodError = {
  mnemonic: 'data_limit_exceeded',
  when: `the account has ${mostEntities} of them`,
};

/** What methods answer that have nothing to tell. */
export const nothing = z.strictObject({});
/** What methods answer that made something. */
export const created = z.strictObject({ id: z.int() });

/** What the methods have in common that change what an account is made of: none of them is the vendor's. */
export const administers = {
  component: 'Data API',
  weight: 1,
  extension: true,
  administration: true,
} as const;
