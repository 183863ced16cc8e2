// node test/simulation/replay.ts SEED [CALLS] [KIND]: runs one world of the simulation again and tells how it went.
import { runWorld, type WorldKind } from './world.ts';

const [seed = '1', calls = '8', kind = 'anything'] = process.argv.slice(2);
const { events: _, ...result } = await runWorld(Number(seed), Number(calls), kind as WorldKind);
console.log(result);
