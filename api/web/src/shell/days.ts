// Days as people here write them, dd/mm/yyyy, and as the API takes them, 2026-11-22; spans of days by name.

export interface Days {
  first: string;
  last: string;
}

const WRITTEN = /^(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4})$/;
const CLOSE = /^(\d{2})(\d{2})(\d{4})$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;
const CLOCK = /^(\d{1,2})[:.h](\d{2})$/;
const DAY_MS = 86_400_000;
/** No calendar of the server's goes on after it. */
const LAST = Date.UTC(9999, 11, 31);

const two = (n: number): string => String(n).padStart(2, "0");
const isoOf = (at: Date): string => at.toISOString().slice(0, 10);

/** `2026-11-22` from what somebody typed; null when it is no day of the calendar. */
export function dayOf(text: string): string | null {
  const plain = text.trim();
  const iso = ISO.exec(plain);
  const [, day, month, year] = WRITTEN.exec(plain) ?? CLOSE.exec(plain) ?? (iso ? ["", iso[3], iso[2], iso[1]] : []);
  if (!day || !month || !year) return null;
  const at = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const same = at.getUTCFullYear() === Number(year) && at.getUTCMonth() === Number(month) - 1 && at.getUTCDate() === Number(day);
  return same ? isoOf(at) : null;
}

/** `2026-11-22T08:30` from a day and a time with a blank between them. */
export function momentOf(text: string): string | null {
  const [day = "", clock = ""] = text.trim().split(/[ ,]+(?=\d{1,2}[:.h]\d{2}$)/);
  const iso = dayOf(day);
  const [, hour, minute] = CLOCK.exec(clock) ?? [];
  if (!iso || !hour || !minute || Number(hour) > 23 || Number(minute) > 59) return null;
  return `${iso}T${two(Number(hour))}:${minute}`;
}

/** As it is written, from `2026-11-22` or `2026-11-22T08:30`. */
export function written(iso: string): string {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})/.exec(iso) ?? [];
  return year ? `${day}/${month}/${year}${iso.length > 10 ? ` ${iso.slice(11, 16)}` : ""}` : "";
}

/** So many days later, 31/12/9999 at the latest. */
export const later = (iso: string, days: number): string =>
  isoOf(new Date(Math.min(LAST, Date.parse(`${iso}T00:00:00Z`) + days * DAY_MS)));

/** Today in Viet Nam. */
export const today = (): string => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Ho_Chi_Minh" }).format(new Date());

export const SPANS = ["month", "last_month", "quarter", "year", "last_year"] as const;
export type Span = (typeof SPANS)[number];

/** The days of a named span; those not over yet end today. */
export function daysOf(span: Span, now = today()): Days {
  const year = Number(now.slice(0, 4));
  const month = Number(now.slice(5, 7));
  const begin = (ofYear: number, ofMonth: number) => isoOf(new Date(Date.UTC(ofYear, ofMonth - 1, 1)));
  if (span === "month") return { first: begin(year, month), last: now };
  if (span === "last_month") return { first: begin(year, month - 1), last: later(begin(year, month), -1) };
  if (span === "quarter") return { first: begin(year, month - ((month - 1) % 3)), last: now };
  if (span === "year") return { first: begin(year, 1), last: now };
  return { first: begin(year - 1, 1), last: later(begin(year, 1), -1) };
}
