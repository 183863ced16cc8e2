const quarterHourMs = 15 * 60_000;
const dayMs = 24 * 3_600_000;

type Zone = { readonly format: Intl.DateTimeFormat; slot: number; offset: number };
const zones = new Map<string, Zone>();

/**
 * Milliseconds that local time is ahead of UTC in an IANA zone at a wall instant. Zones change their
 * offset at quarters of an hour only, so one look-up serves fifteen minutes.
 */
function zoneOffset(timeZone: string, at: number): number {
  const zone = zones.get(timeZone) ?? addZone(timeZone);
  const slot = Math.floor(at / quarterHourMs);
  if (zone.slot !== slot) {
    const parts: Record<string, number> = {};
    for (const { type, value } of zone.format.formatToParts(slot * quarterHourMs))
      parts[type] = Number(value);
    const { year, month, day, hour, minute, second } = parts;
    const local = Date.UTC(year!, month! - 1, day, hour, minute, second);
    zone.slot = slot;
    zone.offset = local - slot * quarterHourMs;
  }
  return zone.offset;
}

function addZone(timeZone: string): Zone {
  const zone = { format: formatOf(timeZone), slot: Number.NaN, offset: 0 };
  zones.set(timeZone, zone);
  return zone;
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const options: Intl.DateTimeFormatOptions = {
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  };
  try {
    return new Intl.DateTimeFormat('en', { ...options, timeZone });
  } catch {
    // An account whose zone this Node does not know is served in UTC rather than not at all.
    return new Intl.DateTimeFormat('en', { ...options, timeZone: 'UTC' });
  }
}

/** `2016-10-19T12:26:48.418`: local time without a zone, as `list.calls` prints it. */
export function localTime(timeZone: string, at: number): string {
  return new Date(at + zoneOffset(timeZone, at)).toISOString().slice(0, -1);
}

/** The instant of the next local midnight after `at`. */
export function nextMidnight(timeZone: string, at: number): number {
  const local = at + zoneOffset(timeZone, at);
  const midnight = Math.floor(local / dayMs) * dayMs + dayMs;
  // The offset of that midnight may differ from the present one.
  const guess = midnight - zoneOffset(timeZone, at);
  return midnight - zoneOffset(timeZone, guess);
}
