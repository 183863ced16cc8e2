import type { z } from 'zod';

/** Where a value stands: `['trunks', 0, 'host']`. */
export type KeyPath = readonly (string | number)[];

/** One place of the configuration's schema, with its defaults and wrappers taken off. */
export type KeyNode =
  | { readonly kind: 'section'; readonly keys: ReadonlyMap<string, KeyNode> }
  | { readonly kind: 'list'; readonly element: KeyNode; readonly allowed: string | undefined }
  | { readonly kind: 'value'; readonly allowed: string; readonly takes: ReadonlySet<string> };

// What zod keeps inside a schema; its public types do not let one walk a schema of unknown kind.
type Definition = {
  type: string;
  innerType?: Schema;
  in?: Schema;
  element?: Schema;
  shape?: Record<string, Schema>;
  options?: readonly Schema[];
};
type Schema = z.ZodType & { _zod: { def: Definition } };

const wrappers: ReadonlySet<string> = new Set(['default', 'prefault', 'optional']);

export function keyTree(schema: z.ZodType): KeyNode {
  let inner = schema as Schema;
  let allowed = inner.description;
  while (wrappers.has(inner._zod.def.type)) {
    inner = inner._zod.def.innerType!;
    allowed ??= inner.description;
  }
  const { type, shape, element } = inner._zod.def;
  if (type === 'object') {
    const keys = Object.entries(shape!).map(([key, value]) => [key, keyTree(value)] as const);
    return { kind: 'section', keys: new Map(keys) };
  }
  if (type === 'array') return { kind: 'list', element: keyTree(element!), allowed };
  return { kind: 'value', allowed: allowed ?? type, takes: new Set(takes(inner)) };
}

/** The zod types a value may have before it is converted: they say how a variable's text is read. */
function takes(schema: Schema): readonly string[] {
  const { type, options } = schema._zod.def;
  if (type === 'union') return options!.flatMap(takes);
  if (type === 'pipe') return takes(schema._zod.def.in!);
  return [type === 'enum' ? 'string' : type];
}

export function nodeAt(root: KeyNode, path: KeyPath): KeyNode | undefined {
  let node: KeyNode | undefined = root;
  for (const step of path) {
    if (node?.kind === 'section') node = node.keys.get(String(step));
    else if (node?.kind === 'list' && typeof step === 'number') node = node.element;
    else return undefined;
  }
  return node;
}

/** `trunks[0].caller_id.form`. */
export function formatPath(path: KeyPath): string {
  return path
    .map((step, index) =>
      typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`,
    )
    .join('');
}

export function valueAt(values: unknown, path: KeyPath): unknown {
  let value = values;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
