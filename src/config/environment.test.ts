import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentName, readEnvironment } from './environment.ts';
import type { KeyNode, KeyPath } from './key-tree.ts';
import { configTree } from './load-config.ts';

function* paths(node: KeyNode, path: KeyPath): Iterable<KeyPath> {
  if (path.length > 0) yield path;
  if (node.kind === 'section') {
    for (const [key, inner] of node.keys) yield* paths(inner, [...path, key]);
  }
  if (node.kind === 'list') yield* paths(node.element, [...path, 0]);
}

const allPaths = [...paths(configTree, [])];

test('every key has a variable, and no two have the same', () => {
  assert.ok(allPaths.length > 60, `only ${allPaths.length} keys found`);
  for (const path of allPaths) {
    const { settings, problems } = readEnvironment(configTree, { [environmentName(path)]: '1' });
    assert.deepEqual(problems, []);
    assert.deepEqual(settings[0]?.path, path);
  }
});
