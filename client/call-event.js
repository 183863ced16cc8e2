// Made by `npm run docs` from src/model: change it there.
// biome-ignore-all format: generated
export {};
