import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { ApiError, type Mnemonic, ownCatalogue } from '../../src/api/errors.ts';
import { methods } from '../../src/api/methods/methods.ts';
import { type Api, apis } from '../../src/api/openrpc/apis.ts';
import { errorsOfEveryMethod } from '../../src/api/openrpc/every-method.ts';
import { type JsonSchema, propertiesOf } from '../../src/api/openrpc/json-schema.ts';
import { openRpcDocument } from '../../src/api/openrpc/openrpc.ts';
import { type Installation, installation } from './api-installation.ts';
import { differences, notBuilt, type VendorParam, vendorCallApi } from './vendor.ts';

const document = openRpcDocument(apis);
const callApi = openRpcDocument(apis.slice(0, 1));
const described = new Map(callApi.methods.map((method) => [method.name, method]));
const compared = Object.entries(vendorCallApi.methods).filter(([name]) => described.has(name));

describe('the methods that are built, parameter by parameter', () => {
  test('exactly these methods of the vendor are not built', () => {
    const missing = Object.keys(vendorCallApi.methods).filter((name) => !described.has(name));
    assert.deepEqual(missing.sort(), [...notBuilt].sort());
  });

  test('a method that the vendor does not have says so', () => {
    for (const { name, extension } of methods.values())
      assert.equal(extension ?? false, !(name in vendorCallApi.methods), name);
  });

  for (const [name, { params, component }] of compared) {
    test(`${name}: the same parameters in the same order, required ones too`, () => {
      const { params: ours, tags } = described.get(name)!;
      const shown = (it: readonly { name: string; required?: boolean }[]): string[] =>
        it.map(({ name, required }) => `${name}${required ? '' : '?'}`);
      assert.deepEqual(shown(ours), shown(params));
      assert.deepEqual(tags, [{ name: component }]);
    });
  }

  test('types, values, defaults and patterns differ only where it is explained', () => {
    const found = compared.flatMap(([method, { params }]) =>
      described
        .get(method)!
        .params.flatMap(({ name, schema }) =>
          differ(schema, params.find((it) => it.name === name)!).map(
            (aspect) => `${method} ${name} ${aspect}`,
          ),
        ),
    );
    assert.deepEqual(found.sort(), Object.keys(differences).sort());
  });
});

/** The aspects in which a schema is not what the vendor's table says. */
function differ(schema: JsonSchema, vendor: VendorParam): string[] {
  const type = schema.type === 'integer' ? 'number' : schema.type;
  const inner = propertiesOf(schema);
  const rows: readonly [aspect: string, ours: unknown, theirs: unknown][] = [
    ['type', type, vendor.type],
    ['values', [...(schema.enum ?? [])].sort(), [...(vendor.enum ?? [])].sort()],
    ['default', schema.default, vendor.default],
    ['pattern', schema.pattern, vendor.pattern],
    ['keys', inner.map(({ name }) => name), (vendor.children ?? []).map(({ name }) => name)],
    ['required keys', schema.required, vendor.children?.map(({ name }) => name)],
  ];
  const own = rows
    .filter(([, ours, theirs]) => JSON.stringify(ours) !== JSON.stringify(theirs))
    .map(([aspect]) => aspect);
  const within = inner.flatMap(({ name, schema }) => {
    const theirs = vendor.children?.find((it) => it.name === name);
    return theirs === undefined ? [] : differ(schema, theirs).map((it) => `${name} ${it}`);
  });
  return [...own, ...within];
}

describe('errors, word for word', () => {
  const common = new Map(vendorCallApi.common_errors.map((error) => [error.mnemonic, error]));
  const told = new Set(
    [...errorsOfEveryMethod, ...[...methods.values()].flatMap(({ errors = [] }) => errors)].map(
      ({ mnemonic }) => mnemonic,
    ),
  );

  for (const { mnemonic, code, message } of vendorCallApi.common_errors)
    test(`${mnemonic}, of every method`, () => {
      assert.ok(told.has(mnemonic as Mnemonic), 'no method and no page tells of it');
      const ours = new ApiError(mnemonic as Mnemonic);
      assert.deepEqual([ours.code, ours.message], [code, message]);
    });

  for (const [name, { errors }] of compared)
    test(`${name}: each documented error, and of its own no other`, () => {
      const ofMethod = methods.get(name)!.errors!;
      const ofEvery = new Set<string>(errorsOfEveryMethod.map(({ mnemonic }) => mnemonic));
      for (const { mnemonic, code, message } of errors) {
        const told = ofMethod.some((it) => it.mnemonic === mnemonic) || ofEvery.has(mnemonic);
        assert.ok(told, `${mnemonic} is not told`);
        const ours = new ApiError(mnemonic as Mnemonic);
        assert.deepEqual([ours.code, ours.message], [code, message]);
      }
      const documented = new Set([...common.keys(), ...errors.map(({ mnemonic }) => mnemonic)]);
      const own = ofMethod.filter(
        ({ mnemonic }) => !documented.has(mnemonic) && !Object.hasOwn(ownCatalogue, mnemonic),
      );
      assert.deepEqual(
        own,
        [],
        'an error of our own: add it to docs/compatibility.md and ownCatalogue',
      );
    });
});

describe('results', () => {
  for (const [name, { result }] of compared)
    test(`${name}: the vendor's printed answer has the described form`, () => {
      const { success, error } = methods.get(name)!.result!.safeParse(result.data);
      assert.ok(success, error?.message);
    });
});

describe('the definitions are complete', () => {
  for (const api of apis) {
    for (const method of api.methods) {
      const { name, summary, result, errors, example, params } = method;
      test(`${api.path} ${name} says what it does, takes, answers and refuses`, () => {
        assert.ok(summary && result && errors, 'give it summary, result and errors');
        for (const [parameter, schema] of Object.entries(params.shape))
          assert.ok(schema.description, `${parameter}: say what it is by .describe()`);
        if (example === undefined) return;
        const token = 'access_token' in params.shape ? { access_token: '' } : {};
        params.parse({ ...token, ...example.params });
        result.parse(example.result);
      });
    }
  }

  test('each error that the text of a method names is among its errors', () => {
    const ofEvery = new Set<string>(errorsOfEveryMethod.map(({ mnemonic }) => mnemonic));
    for (const { name, errors } of methods.values()) {
      const file = `../../src/api/methods/${name.replace(/[._]/g, '-')}.ts`;
      const source = readFileSync(new URL(file, import.meta.url), 'utf8');
      for (const [, mnemonic] of source.matchAll(/new ApiError\(\s*'(\w+)'/g)) {
        const told = errors!.some((it) => it.mnemonic === mnemonic) || ofEvery.has(mnemonic!);
        assert.ok(told, `${name} throws ${mnemonic} and does not say so`);
      }
    }
  });
});

describe('the document is served', () => {
  let it: Installation;
  before(async () => {
    it = await installation();
  });
  after(() => it.close());
  const plain = JSON.parse(JSON.stringify(document)) as unknown;

  test('GET /openrpc.json, to anybody, from any page', async () => {
    const response = await it.api.fetch(new Request('http://test/openrpc.json'), '203.0.113.9');
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('access-control-allow-origin'), '*');
    assert.match(response.headers.get('content-type')!, /^application\/json/);
    assert.deepEqual(await response.json(), plain);
  });

  for (const [sent, params] of [
    ['without params', undefined],
    ['with a list', []],
    ['with an object', {}],
  ] as const)
    test(`rpc.discover, ${sent}: the document itself is the result`, async () => {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 'd', method: 'rpc.discover', params });
      assert.deepEqual(await it.post(body), { jsonrpc: '2.0', id: 'd', result: plain });
    });

  test('names are unique, and every reference leads somewhere', () => {
    const names = document.methods.map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    const text = JSON.stringify(document);
    for (const [, path] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const found = path!
        .split('/')
        .reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document);
      assert.ok(found, path);
    }
  });

  test('a method of two APIs stands once and names both', () => {
    const method = apis[0]!.methods[0]!;
    const twice: Api[] = ['/a', '/b'].map((path) => ({
      ...apis[0]!,
      path,
      name: path,
      methods: [method],
    }));
    const { methods: objects } = openRpcDocument(twice);
    assert.deepEqual(
      objects.map(({ name, servers }) => [name, servers.map(({ url }) => url)]),
      [[method.name, ['/a', '/b']]],
    );
  });
});
