// node test/simulation/replay.ts SEED [CALLS]: runs one world of the simulation again and tells how it went.
import { runWorld } from './world.ts';

const [seed = '1', calls = '8'] = process.argv.slice(2);
console.log(await runWorld(Number(seed), Number(calls)));
