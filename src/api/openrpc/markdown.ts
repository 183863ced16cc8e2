import { z } from 'zod';
import type { Field } from '../data/fields.ts';
import type { Method, MethodError } from '../method.ts';
import type { Api } from './apis.ts';
import { errorsOfEveryMethod, everyMethodText, extensionsText } from './every-method.ts';
import { type JsonSchema, type Property, propertiesOf, toJsonSchema } from './json-schema.ts';
import { exampleParams, toErrorObject } from './openrpc.ts';

const generated =
  '<!-- Made by `npm run docs` from the definitions in src/api: change it there. -->';

/** An enumeration longer than this is told by the vendor's documentation alone. */
const mostValues = 12;

/** The page of one method: docs/api/<folder><name>.md. */
export function methodPage(method: Method, { folder, path }: Api): string {
  const { name, summary = '', component, weight, example, remarks } = method;
  const readme = folder === '' ? 'README.md' : '../README.md';
  const points = weight === 1 ? '1 point' : `${weight} points`;
  const parts = [
    `# ${name}`,
    summary,
    [
      `\`POST ${path}\``,
      `component ${component}`,
      points,
      ...(method.extension ? ['an extension of this server'] : []),
      ...(method.administration ? ['needs the right of administration'] : []),
    ].join(' · '),
    '## Parameters',
    parameterTable(toJsonSchema(method.params, 'input')),
    ...(example === undefined ? [] : exchange(method)),
    ...(method.fields === undefined ? resultPart(method) : fieldsPart(method.fields)),
    '## Errors',
    ...(method.errors === undefined || method.errors.length === 0
      ? [`Only the [errors of every method](${readme}#errors-of-every-method).`]
      : [
          'In the order in which they are looked for; the first one is answered.',
          errorTable(method.errors),
          `Before them come the [errors of every method](${readme}#errors-of-every-method).`,
        ]),
    ...(remarks === undefined ? [] : ['## Remarks', remarks]),
    generated,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** docs/api/README.md: all methods, and what holds for each of them. */
export function readmePage(apis: readonly Api[]): string {
  const parts = [
    '# The API',
    'One page a method. JSON-RPC 2.0 over HTTP `POST`; compatible with the Call API and the Data API of UIS and CoMagic as [compatibility](../compatibility.md) tells. What they do not have is in one table: [extensions](extensions.md).',
    ...apis.flatMap((api) => [
      `## ${api.name}: \`POST ${api.path}\``,
      table(
        ['method', ''],
        api.methods.map(({ name, summary = '', extension }) => [
          `[${name}](${api.folder}${name}.md)`,
          `${firstSentence(summary)}${extension ? ' An extension.' : ''}`,
        ]),
      ),
    ]),
    everyMethodText,
    '## Errors of every method',
    'In the order in which they are looked for; the first one is answered.',
    errorTable(errorsOfEveryMethod),
    generated,
  ];
  return `${parts.join('\n\n')}\n`;
}

/** docs/api/extensions.md: the methods that the vendor does not have. */
export function extensionsPage(apis: readonly Api[]): string {
  const rows = apis.flatMap(({ methods, path, folder }) =>
    methods
      .filter(({ extension }) => extension)
      .map(({ name, summary = '', administration }) => [
        `[${name}](${folder}${name}.md)`,
        `\`${path}\``,
        administration ? 'administration' : '',
        firstSentence(summary),
      ]),
  );
  return `${['# Extensions', extensionsText, table(['method', 'path', 'right', ''], rows), generated].join('\n\n')}\n`;
}

function parameterTable(schema: JsonSchema): string {
  return table(
    ['parameter', 'type', 'required', 'allowed', 'default', ''],
    flatten(propertiesOf(schema)).map(({ name, required, schema }) => [
      `\`${name}\``,
      typeText(schema),
      required ? 'yes' : 'no',
      allowedText(schema),
      schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``,
      schema.description ?? '',
    ]),
  );
}

function exchange(method: Method): string[] {
  const request = {
    jsonrpc: '2.0',
    id: 'req1',
    method: method.name,
    params: exampleParams(method),
  };
  return [
    json(request),
    json({ jsonrpc: '2.0', id: 'req1', result: { data: method.example!.result } }),
  ];
}

function resultPart({ result = z.unknown() }: Method): string[] {
  const schema = toJsonSchema(result, 'output');
  const isList = schema.type === 'array';
  const rows = flatten(propertiesOf((isList ? schema.items : schema) ?? {}));
  if (rows.length === 0) return [];
  return [
    isList ? '## Result: a list of' : '## Result',
    table(
      ['result.data', 'type', ''],
      rows.map(({ name, schema }) => [
        `\`${name}\``,
        typeText(schema),
        [allowedText(schema), schema.description ?? ''].filter((it) => it !== '').join('; '),
      ]),
    ),
  ];
}

/** The columns of a list, and what each may be asked for. */
function fieldsPart(fields: readonly Field[]): string[] {
  const mark = (yes: boolean): string => (yes ? '+' : '');
  return [
    '## Result: a list of',
    table(
      ['field', 'type', 'filter', 'sort', 'default', ''],
      fields.map((field) => [
        `\`${field.name}\``,
        field.type,
        mark(field.filter),
        mark(field.sort),
        mark(!field.optional),
        [
          field.about,
          ...(field.values === undefined || field.values.length > mostValues
            ? []
            : [field.values.map((value) => `\`${value}\``).join(', ')]),
        ]
          .filter((it) => it !== '')
          .join('; '),
      ]),
    ),
  ];
}

function errorTable(errors: readonly MethodError[]): string {
  return table(
    ['error', 'code', 'when', 'message'],
    errors.map((error) => {
      const { code, message } = toErrorObject(error);
      return [`\`${error.mnemonic}\``, String(code), error.when, message];
    }),
  );
}

/** Keys of objects within follow their parent, joined by a dot; those of a list's rows by `[].`. */
function flatten(properties: readonly Property[], prefix = ''): Property[] {
  return properties.flatMap(({ name, required, schema }) => {
    const path = `${prefix}${name}`;
    const inner = schema.type === 'array' ? schema.items : schema;
    const within = inner?.properties === undefined ? [] : propertiesOf(inner);
    const joint = schema.type === 'array' ? '[].' : '.';
    return [{ name: path, required, schema }, ...flatten(within, `${path}${joint}`)];
  });
}

function typeText({ type, anyOf, oneOf, enum: values, const: only }: JsonSchema): string {
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return [...new Set(choices.map(typeText))].join(' or ');
  if (type !== undefined) return [type].flat().map(jsonType).join(' or ');
  return typeof (only ?? values?.[0] ?? 'any');
}

/** JSON itself has one kind of number. */
function jsonType(type: string): string {
  return type === 'integer' ? 'number' : type;
}

function allowedText(schema: JsonSchema): string {
  const { enum: values, const: only, pattern, maxLength, minimum, maximum, items } = schema;
  const choices = values ?? items?.enum ?? (only === undefined ? undefined : [only]);
  const parts = [
    ...(choices === undefined ? [] : [choices.map((it) => `\`${JSON.stringify(it)}\``).join(', ')]),
    ...(pattern === undefined ? [] : [`\`${pattern}\``]),
    ...(maxLength === undefined ? [] : [`up to ${maxLength} characters`]),
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(maximum === undefined ? [] : [`to ${maximum}`]),
  ];
  return parts.join('; ');
}

function firstSentence(text: string): string {
  return /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;
}

function json(value: unknown): string {
  return `\`\`\`json\n${JSON.stringify(value, null, 2)}\n\`\`\``;
}

/** A column that is empty in every row is left out. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const kept = head.map((_, column) => rows.some((row) => row[column] !== ''));
  const line = (cells: readonly string[]): string =>
    `| ${cells
      .filter((_, column) => kept[column])
      .map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' '))
      .join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
