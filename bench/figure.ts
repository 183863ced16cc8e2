/** One measured number, as the benchmarks print and store it. */
export type Figure = { readonly name: string; readonly value: number; readonly unit: string };

/** The value below which `share` of the sorted numbers lie. */
export function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
