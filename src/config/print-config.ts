import { stringify } from 'yaml';
import { type KeyNode, type KeyPath, valueAt } from './key-tree.ts';
import { configTree, type LoadedConfig } from './load-config.ts';
import { secretKeys } from './schema.ts';

/**
 * The whole configuration as YAML: every key with its value and where it comes from, keys that are not
 * set as comments with what they may be. Secrets are masked.
 */
export function printConfig(loaded: LoadedConfig): string {
  const lines: string[] = [];
  printSection(configTree, [], { loaded, lines, indent: '' });
  return `${lines.join('\n')}\n`;
}

type Printing = {
  readonly loaded: LoadedConfig;
  readonly lines: string[];
  readonly indent: string;
};

function printSection(node: KeyNode, path: KeyPath, printing: Printing): void {
  if (node.kind !== 'section') return;
  for (const [key, inner] of node.keys) printKey(inner, [...path, key], printing);
}

function printKey(node: KeyNode, path: KeyPath, { loaded, lines, indent }: Printing): void {
  const key = String(path.at(-1));
  const value = valueAt(loaded.values, path);
  const source = loaded.sourceOf(path);
  if (value === undefined) {
    const allowed = node.kind === 'section' ? [...node.keys.keys()].join(', ') : node.allowed;
    lines.push(`${indent}# ${key}:  # not set; ${allowed}`);
  } else if (node.kind === 'section') {
    lines.push(`${indent}${key}:`);
    printSection(node, path, { loaded, lines, indent: `${indent}  ` });
  } else if (node.kind === 'list' && node.element.kind === 'section' && isFilled(value)) {
    lines.push(`${indent}${key}:`);
    value.forEach((_, index) => {
      const start = lines.length;
      printSection(node.element, [...path, index], { loaded, lines, indent: `${indent}    ` });
      lines[start] = `${indent}  - ${lines[start]!.slice(indent.length + 4)}`;
    });
  } else {
    lines.push(`${indent}${key}: ${secretKeys.has(key) ? "'***'" : inline(value)}  # ${source}`);
  }
}

function isFilled(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0;
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  return stringify(value, { lineWidth: 0, defaultStringType: 'PLAIN' }).trimEnd();
}
