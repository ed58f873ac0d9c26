// Numbers and times as people read them, by the browser's own tables.

/** What formats for one language. */
export interface Format {
  /** Bytes, with the unit that fits: 1.4 MB. */
  size: (bytes: number) => string;
  /** Bytes a second. */
  rate: (bytesPerSecond: number) => string;
  /** A time to wait: 3 min, 40 s. */
  wait: (ms: number) => string;
  /** The time of a day. */
  time: (at: number) => string;
  /** A day, as seen from `now`: today, yesterday, Monday, 3 May. */
  day: (at: number, now: number) => string;
  percent: (part: number) => string;
  list: (things: string[]) => string;
}

export function formatFor(language: string): Format {
  const units = UNITS.map((unit) => number(language, { style: 'unit', unit, maximumSignificantDigits: 3 }));
  const waits = WAITS.map(({ unit }) => number(language, { style: 'unit', unit, maximumFractionDigits: 0 }));
  const time = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
  const date = new Intl.DateTimeFormat(language, { weekday: 'long', day: 'numeric', month: 'long' });
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const percent = number(language, { style: 'percent', maximumFractionDigits: 0 });
  const list = new Intl.ListFormat(language);
  const size = (bytes: number): string => {
    const step = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
    return units[step]!.format(Math.round(bytes) / 1000 ** step);
  };
  return {
    size,
    rate: (bytes) => `${size(bytes)}/s`,
    wait: (ms) => {
      const at = WAITS.findIndex(({ from }) => Math.max(0, ms / 1000) >= from);
      return waits[at]!.format(Math.ceil(ms / 1000 / WAITS[at]!.seconds));
    },
    time: (at) => time.format(at),
    day: (at, now) => {
      const days = Math.round((midnight(at) - midnight(now)) / DAY_MS);
      return Math.abs(days) <= 1 ? relative.format(days, 'day') : date.format(at);
    },
    percent: (part) => percent.format(Math.min(1, Math.max(0, part))),
    list: (things) => list.format(things),
  };
}

function number(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  return new Intl.NumberFormat(language, { unitDisplay: 'short', ...options });
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'];

/** What people count in, from how many seconds on. */
const WAITS = [
  { unit: 'hour', from: 5_400, seconds: 3_600 },
  { unit: 'minute', from: 90, seconds: 60 },
  { unit: 'second', from: 0, seconds: 1 },
];
const DAY_MS = 24 * 60 * 60_000;
