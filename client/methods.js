// Made by `npm run docs` from the definitions in src/api: change it there.
// biome-ignore-all format: generated
export {};
