import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Mnemonic } from '../errors.ts';
import type { Method } from '../method.ts';
import type { Api } from './apis.ts';
import { errorsOfEveryMethod } from './every-method.ts';
import { type JsonSchema, type Property, propertiesOf, toJsonSchema } from './json-schema.ts';

/** `src/client/methods.ts`: what each method takes and answers, for the compiler. */
export function clientTypes(apis: readonly Api[]): string {
  const parts = [
    generated('the definitions in src/api'),
    ...apis.map(tableOfMethods),
    `/** What \`error.data.mnemonic\` may be. */\nexport type Mnemonic =\n${mnemonics(apis)
      .map((it) => `  | '${it}'`)
      .join('\n')};`,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** `src/client/call-event.ts`: the types of the event stream, which the client may not import. */
export function clientEvents(): string {
  return `${[generated('src/model'), ...withImports('call-event')].join('\n\n')}\n`;
}

/** The text of a file of src/model, after those of the files it needs. */
function withImports(name: string): string[] {
  const file = new URL(`../../model/${name}.ts`, import.meta.url);
  const source = readFileSync(file, 'utf8').trim();
  const imported = /^import type .* from '\.\/([\w-]+)\.ts';\n+/gm;
  const needed = [...source.matchAll(imported)].flatMap(([, other]) => withImports(other!));
  return [...new Set(needed), source.replace(imported, '')];
}

function generated(source: string): string {
  return `// Made by \`npm run docs\` from ${source}: change it there.\n// biome-ignore-all format: generated`;
}

/** The token is left out: the client adds it. */
function tableOfMethods({ name, path, typeName, methods }: Api): string {
  const entries = methods.map((method) => {
    const { result = z.unknown(), summary = '' } = method;
    const { access_token: _, ...shape } = method.params.shape;
    const params = toJsonSchema(z.strictObject(shape), 'input');
    const lines = [
      `    readonly params: ${typeText(params, 4)};`,
      `    readonly result: ${typeText(toJsonSchema(result, 'output'), 4)};`,
    ];
    return `${comment(plain(summary), 2)}  readonly '${method.name}': {\n${lines.join('\n')}\n  };`;
  });
  return `/** The ${name}, \`POST ${path}\`. */\nexport type ${typeName} = {\n${entries.join('\n')}\n};`;
}

function mnemonics(apis: readonly Api[]): Mnemonic[] {
  const own = apis.flatMap(({ methods }) => methods).flatMap(({ errors = [] }: Method) => errors);
  return [...new Set([...errorsOfEveryMethod, ...own].map(({ mnemonic }) => mnemonic))].sort();
}

function typeText(schema: JsonSchema, indent: number): string {
  const { type, enum: values, const: only, anyOf, oneOf, items, additionalProperties } = schema;
  const choices = anyOf ?? oneOf;
  if (only !== undefined) return literal(only);
  if (values !== undefined) return values.map(literal).join(' | ');
  if (choices !== undefined) return choices.map((it) => typeText(it, indent)).join(' | ');
  if (Array.isArray(type))
    return type.map((it) => typeText({ ...schema, type: it }, indent)).join(' | ');
  switch (type) {
    case 'object':
      if (schema.properties === undefined || Object.keys(schema.properties).length === 0)
        return `Readonly<Record<string, ${typeof additionalProperties === 'object' ? typeText(additionalProperties, indent) : additionalProperties === false ? 'never' : 'unknown'}>>`;
      return objectText(propertiesOf(schema), indent);
    case 'array':
      return `readonly (${typeText(items ?? {}, indent)})[]`;
    case 'integer':
    case 'number':
      return 'number';
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    default:
      return 'unknown';
  }
}

function objectText(properties: readonly Property[], indent: number): string {
  const pad = ' '.repeat(indent + 2);
  const lines = properties.map(({ name, required, schema }) => {
    const { description } = schema;
    const said = description === undefined ? '' : comment(plain(description), indent + 2);
    // A null counts as absent, and an undefined is not sent at all.
    const rest = required ? '' : ' | null | undefined';
    return `${said}${pad}readonly ${name}${required ? '' : '?'}: ${typeText(schema, indent + 2)}${rest};\n`;
  });
  return `{\n${lines.join('')}${' '.repeat(indent)}}`;
}

function literal(value: unknown): string {
  return typeof value === 'string' ? `'${value.replace(/['\\]/g, '\\$&')}'` : String(value);
}

function comment(text: string, indent: number): string {
  return text === '' ? '' : `${' '.repeat(indent)}/** ${text.replaceAll('*/', '* /')} */\n`;
}

/** Markdown links lead nowhere from a program text. */
function plain(text: string): string {
  return text.replace(/\[([^\]]+)\]\([^)]*\)/g, '$1');
}
