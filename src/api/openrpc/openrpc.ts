import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ApiError, type Mnemonic } from '../errors.ts';
import type { Method, MethodError } from '../method.ts';
import { type Api, apis } from './apis.ts';
import { errorsOfEveryMethod } from './every-method.ts';
import { type JsonSchema, propertiesOf, toJsonSchema } from './json-schema.ts';

type Reference = { readonly $ref: string };

type ErrorObject = {
  readonly code: number;
  readonly message: string;
  /** What `error.data` of the answer has of this; `when` is for readers. */
  readonly data: { readonly mnemonic: Mnemonic; readonly when: string };
};

type ContentDescriptor = {
  readonly name: string;
  readonly description?: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
};

type Server = { readonly name: string; readonly url: string };

type ExamplePairing = {
  readonly name: string;
  readonly params: readonly { readonly name: string; readonly value: unknown }[];
  readonly result: { readonly name: string; readonly value: unknown };
};

type MethodObject = {
  readonly name: string;
  readonly tags: readonly { readonly name: string }[];
  readonly summary: string;
  readonly description?: string;
  readonly servers: readonly Server[];
  readonly paramStructure: 'by-name';
  readonly params: readonly ContentDescriptor[];
  readonly result: ContentDescriptor;
  /** Those of the method itself, then references to those of every method. */
  readonly errors: readonly (ErrorObject | Reference)[];
  readonly examples?: readonly ExamplePairing[];
  /** Points taken when it succeeds. */
  readonly 'x-points': number;
  /** The vendor has no such method. */
  readonly 'x-extension'?: true;
};

/** The OpenRPC 1.3 document (spec.open-rpc.org). */
export type OpenRpcDocument = {
  readonly openrpc: '1.3.2';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly Server[];
  readonly methods: readonly MethodObject[];
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly errors: Readonly<Record<string, ErrorObject>>;
  };
};

const limit = z.int();
const metadata = z.object({
  total_items: z.int().optional().describe('of a list: rows before `limit` and `offset`'),
  limits: z.object({
    day_limit: limit.describe('points a day'),
    day_remaining: limit,
    day_reset: limit.describe("seconds until the account's midnight"),
    minute_limit: limit.describe('points a minute'),
    minute_remaining: limit,
    minute_reset: limit.describe('seconds until the next minute'),
  }),
});

/**
 * A method of several APIs stands once, with the servers it is on, its results side by side where they
 * differ: names are unique in a document.
 */
export function openRpcDocument(described: readonly Api[]): OpenRpcDocument {
  const byName = Map.groupBy(
    described.flatMap(({ methods }) => methods),
    ({ name }) => name,
  );
  const servers = described.map(({ name, path }) => ({ name, url: path }));
  const serversOf = (name: string): Server[] =>
    servers.filter((_, index) => described[index]!.methods.some((it) => it.name === name));
  return {
    openrpc: '1.3.2',
    info: {
      title: 'dozvon',
      version: packageVersion(),
      description:
        'Rings two telephones over SIP and connects them. JSON-RPC 2.0 by HTTP POST; every outcome is HTTP 200; branch on error.data.mnemonic.',
    },
    servers,
    methods: [...byName].map(([name, methods]) => toMethodObject(methods, serversOf(name))),
    components: {
      schemas: { metadata: toJsonSchema(metadata, 'output') },
      errors: Object.fromEntries(
        errorsOfEveryMethod.map((error) => [error.mnemonic, toErrorObject(error)]),
      ),
    },
  };
}

let text: string | undefined;

/** The document of this server as JSON: made once, the same for everybody. */
export function openRpcText(): string {
  text ??= JSON.stringify(openRpcDocument(apis));
  return text;
}

function toMethodObject(methods: readonly Method[], servers: readonly Server[]): MethodObject {
  const method = methods[0]!;
  const { name, component, weight, summary = '', remarks, errors = [], extension } = method;
  const common = errorsOfEveryMethod.map(({ mnemonic }) => ({
    $ref: `#/components/errors/${mnemonic}`,
  }));
  return {
    name,
    tags: [{ name: component }],
    summary,
    ...(remarks !== undefined && { description: remarks }),
    servers,
    paramStructure: 'by-name',
    params: propertiesOf(toJsonSchema(method.params, 'input')).map(toDescriptor),
    result: { name: 'result', schema: resultSchema(methods) },
    errors: [...errors.map(toErrorObject), ...common],
    ...(method.example !== undefined && { examples: [toExample(method)] }),
    'x-points': weight,
    ...(extension && { 'x-extension': true }),
  };
}

function toDescriptor(property: ReturnType<typeof propertiesOf>[number]): ContentDescriptor {
  const { name, required, schema } = property;
  const { description, ...rest } = schema;
  return { name, ...(description !== undefined && { description }), required, schema: rest };
}

function resultSchema(methods: readonly Method[]): JsonSchema {
  const results = methods.map(({ result = z.unknown() }) => toJsonSchema(result, 'output'));
  const distinct = [...new Map(results.map((it) => [JSON.stringify(it), it])).values()];
  return {
    type: 'object',
    properties: {
      data: distinct.length === 1 ? distinct[0]! : { anyOf: distinct },
      metadata: { $ref: '#/components/schemas/metadata' },
    },
    required: ['data', 'metadata'],
  };
}

/** The message with its placeholders. */
export function toErrorObject({ mnemonic, when, ...details }: MethodError): ErrorObject {
  const { code, message } = new ApiError(mnemonic, details);
  return { code, message, data: { mnemonic, when } };
}

function toExample(method: Method): ExamplePairing {
  const { name, example } = method;
  const values = exampleParams(method);
  return {
    name,
    params: Object.entries(values).map(([name, value]) => ({ name, value })),
    result: { name: 'data', value: example!.result },
  };
}

/** With the token that every method but `login.user` takes. */
export function exampleParams({ params, example }: Method): Readonly<Record<string, unknown>> {
  const token = 'access_token' in params.shape ? { access_token: '2fRN4g217ca0…' } : {};
  return { ...token, ...example?.params };
}

function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
