/**
 * The E-model (ITU-T G.107) with every parameter at its default but delay and loss:
 *
 *     R = 93.2 - Id - Ie,eff
 *
 * Id by the approximation of R. Cole and J. Rosenbluth, "Voice over IP performance monitoring" (2001),
 * Ie,eff by G.107 section 7.5 for random loss, with the figures of ITU-T G.113 appendix I.
 */

/** G.113 appendix I, of G.711 with packet loss concealment: what phones have. */
const usualEquipment = { impairment: 0, lossRobustness: 25.1 };

/** R without delay and loss: G.107 section 7.7. */
const bestR = 93.2;

/** From 0 to 93.2. `delayMs`: one way, from mouth to ear. */
export function rFactor(delayMs: number, lossPercent: number): number {
  const { impairment, lossRobustness } = usualEquipment;
  const beyond = Math.max(0, delayMs - 177.3);
  const delayImpairment = 0.024 * delayMs + 0.11 * beyond;
  const equipmentImpairment =
    impairment + (95 - impairment) * (lossPercent / (lossPercent + lossRobustness));
  return Math.max(0, bestR - delayImpairment - equipmentImpairment);
}

/** Mean opinion score of R: G.107 annex B. */
export function mosOf(r: number): number {
  if (r <= 0) return 1;
  return Math.max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6);
}
