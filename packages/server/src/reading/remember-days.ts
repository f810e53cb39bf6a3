import type { StoreReader } from "@cti-connectors/core";
import { readDataStamp } from "@cti-connectors/core/host";
import { type CountDay, countIocsOfDays, type RecentIocCount, type TimeSpan } from "@cti-connectors/pivot";
import pLimit from "p-limit";
import { z } from "zod";

/** How many IOCs were first seen on each day, counted once for all requests. */
export interface RememberedDays {
  /**
   * Counts the whole days of a span of time that are not known. It goes on when the wait is over: a later request finds what was counted.
   *
   * @throws StillCountingError if that takes longer than a client should wait
   */
  prepare(span: TimeSpan): Promise<CountDay>;
}

export class StillCountingError extends Error {
  override readonly name = "StillCountingError";
}

export interface RememberDaysOptions {
  readonly store: StoreReader;
  /** The collection of IOCs. */
  readonly iocs: string;
  readonly now: () => Date;
  /** How long to wait for what is not known, in milliseconds. Default 1,500. */
  readonly patienceMs?: number;
}

const dayMs = 86_400_000;
/** The clock of the machine that loads may be late. */
const clockSkewMs = 5 * 60_000;
/** Where more has changed, everything is counted again. */
const mostTouched = 20_000;

/** How many days are counted at once, newest first. */
const mostTogether = 5;

interface Counted {
  readonly at: number;
  readonly counts: Promise<readonly RecentIocCount[]>;
}

/**
 * After each run, the days of the IOCs that it has stored or changed are counted again; the others after a day, since ThreatFox can change when
 * an IOC was first seen.
 */
export function rememberDays({ store, iocs, now, patienceMs = 1_500 }: RememberDaysOptions): RememberedDays {
  const days = new Map<number, Counted>();
  const inTurn = pLimit(1);
  let known: { readonly stamp: string | undefined; readonly at: number } | undefined;
  /** Counts days that follow each other together. */
  const begin = (first: number, last: number) => {
    const counts = inTurn(() => countIocsOfDays(store, iocs, first, last));
    for (let day = first; day <= last; day += 1) {
      const ofDay = counts.then((all) => all.filter((count) => count.day === day));
      days.set(day, { at: now().getTime(), counts: ofDay });
      ofDay.catch(() => days.delete(day));
    }
  };
  const count = async (day: number) => {
    if (!days.has(day)) {
      begin(day, day);
    }
    return (await days.get(day)?.counts) ?? [];
  };
  async function refresh() {
    const at = now().getTime();
    const stamp = await readDataStamp(store);
    if (known !== undefined && stamp !== undefined && stamp !== known.stamp) {
      const touched = await findTouchedDays(store, iocs, new Date(known.at - clockSkewMs));
      for (const day of touched ?? [...days.keys()]) {
        days.delete(day);
      }
    }
    known = stamp === undefined ? (known ?? { stamp, at }) : { stamp, at };
    for (const [day, counted] of days) {
      if (at - counted.at > dayMs) {
        days.delete(day);
      }
    }
  }
  return {
    async prepare({ since, until }) {
      await refresh();
      const first = Math.ceil(since.getTime() / dayMs);
      const afterLast = Math.floor(until.getTime() / dayMs);
      const whole = Array.from({ length: Math.max(0, afterLast - first) }, (_, index) => first + index);
      let last: number | undefined;
      for (const day of whole.toReversed()) {
        last = days.has(day) ? undefined : (last ?? day);
        const isFull = last !== undefined && last - day + 1 === mostTogether;
        if (last !== undefined && (isFull || day === first || days.has(day - 1))) {
          begin(day, last);
          last = undefined;
        }
      }
      await waitAtMost(patienceMs, Promise.all(whole.map(count)));
      return count;
    },
  };
}

async function waitAtMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StillCountingError("the IOCs are still counted")), milliseconds);
  });
  try {
    await Promise.race([work, over]);
  } finally {
    clearTimeout(timer);
  }
}

const touchedIoc = z.object({ enriched: z.object({ first_seen: z.date().nullable().catch(null) }) });

/** @returns undefined where they are too many to look at */
async function findTouchedDays(
  store: StoreReader,
  iocs: string,
  since: Date,
): Promise<ReadonlySet<number> | undefined> {
  const options = { projection: { "enriched.first_seen": 1 }, limit: mostTouched } as const;
  const found = new Set<number>();
  let read = 0;
  for await (const document of store.find(iocs, { ingested_at: { $gte: since } }, options)) {
    const first_seen = touchedIoc.safeParse(document).data?.enriched.first_seen ?? undefined;
    if (first_seen !== undefined) {
      found.add(Math.floor(first_seen.getTime() / dayMs));
    }
    read += 1;
  }
  return read < mostTouched ? found : undefined;
}
