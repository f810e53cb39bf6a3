import { z } from "zod";
import type { StoreReader } from "../connector/connector.js";
import { abandonedAfterMs, runsCollection } from "../run/run-ledger.js";

const running = z.object({
  connectors: z.array(z.string()),
  started_at: z.date(),
  heartbeat_at: z.date(),
});

/**
 * The time up to which everything that a connector has stored can be read. A page is stored bit by bit, with the time at which it came:
 * what is dated later than the start of a run that goes on may be joined by something dated earlier.
 *
 * @param now the clock of the machine that loads
 */
export async function findSettledTime(store: StoreReader, connector: string, now: Date): Promise<Date> {
  let settled = now;
  for await (const run of store.find(runsCollection, { status: "running" })) {
    const { data } = running.safeParse(run);
    const isGoingOn = data !== undefined && now.getTime() - data.heartbeat_at.getTime() <= abandonedAfterMs;
    if (isGoingOn && data.connectors.includes(connector) && data.started_at < settled) {
      settled = data.started_at;
    }
  }
  return settled;
}
