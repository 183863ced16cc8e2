import type { Trunk } from '../model/trunk.ts';
import type { TrunkConfig } from './config.ts';

/** A trunk as the rest of the program knows it. */
export function trunkOf({ host, port, ...trunk }: TrunkConfig): Trunk {
  return { ...trunk, address: { host, ...(port !== undefined && { port }) } };
}
