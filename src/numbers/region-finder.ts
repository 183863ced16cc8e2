import { isSipLine } from '../model/sip-line-number.ts';
import type { NumberingPlanStore } from '../store/numbers-store.ts';
import { geographicName, numberFacts } from './phone-metadata.ts';
import { regionName } from './region-names.ts';

/** The library's tables are read from disk at each question: 1 to 80 ms. */
const mostRemembered = 10_000;

/**
 * The region of a number: by the regulator's plan where one was imported, else by libphonenumber, which
 * knows places of fixed lines only. What its subscriber carried to another operator is not known.
 */
export class RegionFinder {
  readonly #plan: Pick<NumberingPlanStore, 'region'>;
  readonly #geographic = new Map<string, Promise<string | undefined>>();

  constructor(plan: Pick<NumberingPlanStore, 'region'>) {
    this.#plan = plan;
  }

  /** Two numbers are of one region when this answers the same for both. undefined: unknown. */
  async of(number: string): Promise<string | undefined> {
    if (isSipLine(number)) return undefined;
    const planned = await this.#plan.region(number);
    if (planned !== undefined) return regionName(planned);
    let found = this.#geographic.get(number);
    if (found === undefined) {
      if (this.#geographic.size >= mostRemembered) this.#geographic.clear();
      found = geographicRegion(number);
      this.#geographic.set(number, found);
    }
    return found;
  }
}

async function geographicRegion(number: string): Promise<string | undefined> {
  const { country } = await numberFacts(number);
  const name = await geographicName(number);
  if (name === undefined) return undefined;
  // Abroad a name alone could be that of a place in another country.
  return country === 'RU' ? regionName(name) : `${country ?? ''} ${name}`.trim();
}
