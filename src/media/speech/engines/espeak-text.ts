/** Words a minute of eSpeak NG at rate 1. */
const normalSpeed = 175;

/** eSpeak's speed for a rate; beyond these it does not change. */
export function espeakSpeed(rate: number): number {
  return Math.round(Math.min(450, Math.max(80, normalSpeed * rate)));
}

/** `[[` opens eSpeak's phoneme notation: a text is a text. */
export function espeakText(text: string): string {
  return text.replaceAll('[[', '[ [');
}
