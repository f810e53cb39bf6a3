/** Days in 400 years, after which the calendar repeats. */
const DAYS_OF_CYCLE = 146_097;
const MILLISECONDS_OF_DAY = 86_400_000;

/** A day of the proleptic Gregorian calendar. */
export interface CalendarDay {
  /** 0 is the year before 1. */
  readonly year: number;
  /** 1 to 12 */
  readonly month: number;
  readonly day: number;
}

/** The remainder of a division that rounds down: never negative. */
export function modulo(dividend: number, divisor: number): number {
  const remainder = dividend % divisor;
  return remainder < 0 ? remainder + divisor : remainder;
}

/** @param days since 1970-01-01, also beyond the range of JavaScript's `Date` */
export function calendarDay(days: number): CalendarDay {
  const cycles = Math.floor(days / DAYS_OF_CYCLE);
  const date = new Date((days - cycles * DAYS_OF_CYCLE) * MILLISECONDS_OF_DAY);
  return {
    year: date.getUTCFullYear() + 400 * cycles,
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
  };
}

/**
 * Days since 1970-01-01.
 *
 * @param month 1 to 12
 */
export function dayNumber(year: number, month: number, day: number): number {
  const cycles = Math.floor(year / 400) - 5;
  return Date.UTC(year - 400 * cycles, month - 1, day) / MILLISECONDS_OF_DAY + cycles * DAYS_OF_CYCLE;
}

/** @returns 1 (Monday) to 7 (Sunday), as ISO 8601 numbers them */
export function isoDayOfWeek(days: number): number {
  return modulo(days + 3, 7) + 1;
}
