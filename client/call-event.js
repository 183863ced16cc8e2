// Made by `npm run docs` from src/model: change it there.
// biome-ignore-all format: generated
/**
 * Whether a number is that of an employee's SIP line (`SipLine.phoneNumber`): it begins with 0, as no
 * E.164 number does, and is no telephone network's.
 */
export const isSipLine = (number) => number.startsWith('0');
