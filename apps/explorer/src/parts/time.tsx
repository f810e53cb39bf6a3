interface TimeProps {
  /** RFC 3339. */
  readonly at: string | null | undefined;
  /** The day alone. */
  readonly day?: boolean;
}

/** A time in UTC, as all times of the data are. */
export function Time({ at, day = false }: TimeProps) {
  if (at === null || at === undefined) {
    return <span>–</span>;
  }
  return (
    <time dateTime={at} title={`${at.slice(0, 19).replace("T", " ")} UTC, ${formatAge(at)}`} class="time">
      {day ? at.slice(0, 10) : at.slice(0, 16).replace("T", " ")}
    </time>
  );
}

const units = [
  { name: "day", ms: 86_400_000 },
  { name: "hour", ms: 3_600_000 },
  { name: "minute", ms: 60_000 },
] as const;

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** `3 hours ago`, `in 2 days`. */
export function formatAge(at: string, now = Date.now()): string {
  const ms = Date.parse(at) - now;
  const unit = units.find((each) => Math.abs(ms) >= each.ms);
  return unit === undefined ? "just now" : relative.format(Math.trunc(ms / unit.ms), unit.name);
}
