const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;
/** What JavaScript's `Date.prototype.toString` writes; the ATT&CK server has been seen to send it. */
const javascriptDate = /^[A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{4} \d{2}:\d{2}:\d{2} GMT[+-]\d{4}( \(.*\))?$/;

/** Reads an RFC 3339 timestamp or `Wed May 31 2017 21:30:18 GMT+0000 (Coordinated Universal Time)`, and nothing else. */
export function parseTimestamp(value: unknown): Date | undefined {
  if (typeof value !== "string") {
    return undefined;
  }
  const text = value.trim();
  if (!rfc3339.test(text) && !javascriptDate.test(text)) {
    return undefined;
  }
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Whether two versions are one, even where they are written in different ways. */
export function isSameVersion(left: string, right: string): boolean {
  if (left === right) {
    return true;
  }
  const time = parseTimestamp(left)?.getTime();
  return time !== undefined && time === parseTimestamp(right)?.getTime();
}

/** Oldest first, each once; what is no timestamp comes last. */
export function sortTimestamps(timestamps: Iterable<string>): readonly string[] {
  const timed = [...new Set(timestamps)].map((text) => ({
    text,
    time: parseTimestamp(text)?.getTime() ?? Number.POSITIVE_INFINITY,
  }));
  timed.sort((left, right) => {
    if (left.time !== right.time) {
      return left.time < right.time ? -1 : 1;
    }
    return left.text < right.text ? -1 : Number(left.text > right.text);
  });
  return timed.map(({ text }) => text);
}
