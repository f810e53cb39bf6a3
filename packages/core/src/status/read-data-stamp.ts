import { z } from "zod";
import type { StoreReader } from "../connector/connector.js";
import { runsCollection } from "../run/run-ledger.js";

const finishedRun = z.object({ _id: z.string(), finished_at: z.date() });

/**
 * A text that changes when the stored data may have changed: with every run that ends. Reads one run.
 *
 * @returns undefined while a run goes on, which changes data at any time, and before the first one
 */
export async function readDataStamp(reader: StoreReader): Promise<string | undefined> {
  if (await reader.exists(runsCollection, { status: "running" })) {
    return undefined;
  }
  const ended = { finished_at: { $gt: new Date(0) } };
  const options = { sort: { finished_at: -1 }, limit: 1, projection: { finished_at: 1 } } as const;
  for await (const document of reader.find(runsCollection, ended, options)) {
    const { _id, finished_at } = finishedRun.parse(document);
    return `${finished_at.getTime().toString(36)}-${_id}`;
  }
  return undefined;
}
