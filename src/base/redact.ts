/** A phone number as a log may show it: `7926***0000` tells calls apart and nobody's number. */
export function maskNumber(number: string): string {
  if (number.length <= 6) return '*'.repeat(number.length);
  return `${number.slice(0, 4)}***${number.slice(-2)}`;
}

/** Masks every run of seven digits or more in a text, for messages quoted in logs. */
export function maskNumbers(text: string): string {
  return text.replace(/\d{7,}/g, maskNumber);
}
