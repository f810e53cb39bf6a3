import type { StoreReader } from "@cti-connectors/core";
import { findSettledTime } from "@cti-connectors/core/host";
import { z } from "zod";

const run = z.object({ _id: z.string(), status: z.string(), heartbeat_at: z.date() });

/** A text that changes whenever a connector may have stored something: its last run, and while that goes on, the time. */
export async function readStamp(store: StoreReader, connector: string, now: Date): Promise<string> {
  const newest = { sort: { started_at: -1 }, limit: 1 } as const;
  for await (const document of store.find("etl_runs", { connectors: connector }, newest)) {
    const { _id, status } = run.parse(document);
    const settled = await findSettledTime(store, connector, now);
    return settled < now || status === "running" ? `${_id}/${now.toISOString()}` : `${_id}/${status}`;
  }
  return "nothing";
}
