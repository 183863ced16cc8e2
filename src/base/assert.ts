/** Ends a `switch` over a union: the compiler refuses it while a member is not handled. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}

/** States what must hold; `what` says it in words. A failure is a defect of this program. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`defect: ${what}`);
}
