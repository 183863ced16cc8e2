/**
 * Watches which rows of a transition table are taken: a machine reads a row exactly when it takes it. Gives the
 * rows that nobody has taken since, as `state input`.
 */
export function watchRows(table: Readonly<Record<string, object>>): () => string[] {
  const untaken = new Set<string>();
  for (const [state, rows] of Object.entries(table)) {
    for (const [input, row] of Object.entries(rows)) {
      untaken.add(`${state} ${input}`);
      Object.defineProperty(rows, input, {
        enumerable: true,
        get: () => {
          untaken.delete(`${state} ${input}`);
          return row as unknown;
        },
      });
    }
  }
  return () => [...untaken];
}
