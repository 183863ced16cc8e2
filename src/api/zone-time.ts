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

const dateTime = /^(\d{4})-(\d{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2})$/;

/** `2016-10-19 12:26:48`: local time as the Data API prints it, of Unix seconds. */
export function localDateTime(timeZone: string, seconds: number): string {
  return localTime(timeZone, seconds * 1000)
    .slice(0, 19)
    .replace('T', ' ');
}

/**
 * The Unix seconds of a local `YYYY-MM-DD hh:mm:ss`; undefined: not of that form, or no such day or
 * time. Where a clock is put back the earlier instant is meant; where it is put forward the time that is
 * left out counts on from before.
 */
export function secondsOf(timeZone: string, text: string): number | undefined {
  const parts = dateTime.exec(text)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [year, month, day, hour, minute, second] = parts as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const local = Date.UTC(year, month - 1, day, hour, minute, second);
  if (year < 1970 || new Date(local).toISOString().slice(0, 19).replace('T', ' ') !== text)
    return undefined;
  const before = local - zoneOffset(timeZone, local - dayMs);
  const after = local - zoneOffset(timeZone, local + dayMs);
  const isLocal = (at: number): boolean => at + zoneOffset(timeZone, at) === local;
  const at = [Math.min(before, after), Math.max(before, after)].find(isLocal) ?? before;
  return at / 1000;
}
