import { globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { apis } from './apis.ts';
import { clientEvents, clientTypes } from './client-types.ts';
import { extensionsPage, methodPage, readmePage } from './markdown.ts';

/** Every file that is made from the definitions of the methods: its text by its path. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/api/README.md', readmePage(apis)],
    ['docs/api/extensions.md', extensionsPage(apis)],
    ...apis.flatMap((api) =>
      api.methods.map(
        (method) => [`docs/api/${api.folder}${method.name}.md`, methodPage(method, api)] as const,
      ),
    ),
    ['src/client/methods.ts', clientTypes(apis)],
    ['src/client/call-event.ts', clientEvents()],
  ]);
}

/** Pages of methods that are no more. */
export function strayPages(): string[] {
  return globSync('docs/api/**/*.md').filter((path) => !generatedFiles().has(path));
}

// `npm run docs`
if (import.meta.main) {
  for (const path of strayPages()) rmSync(path);
  for (const [path, text] of generatedFiles()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}
