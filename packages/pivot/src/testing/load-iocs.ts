import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { threatfox } from "@cti-connectors/threatfox";
import { z } from "zod";

/** An entry of an export of ThreatFox. */
export interface ExportEntry {
  readonly ioc_value: string;
  readonly ioc_type: string;
  readonly malware: string;
  readonly malware_printable: string;
  readonly first_seen_utc: string;
  readonly [field: string]: unknown;
}

const answer = z.object({
  data: z.array(
    z.looseObject({
      ioc: z.string(),
      ioc_type: z.string(),
      malware: z.string(),
      malware_printable: z.string(),
      first_seen: z.string(),
      last_seen: z.string().nullable(),
      tags: z.array(z.string()).nullable(),
    }),
  ),
});
type ListedIoc = z.output<typeof answer>["data"][number];

/** The IOCs in an answer of ThreatFox's API. */
export async function readIocs(file: string): Promise<readonly ListedIoc[]> {
  return answer.parse(JSON.parse(await readFile(file, "utf8"))).data;
}

/** The same IOC as an export has it. */
export function toExportEntry({ ioc, first_seen, last_seen, tags, ...fields }: ListedIoc): ExportEntry {
  return {
    ...fields,
    ioc_value: ioc,
    first_seen_utc: first_seen.replace(" UTC", ""),
    last_seen_utc: last_seen?.replace(" UTC", "") ?? null,
    tags: tags?.join(",") ?? null,
  };
}

/**
 * Loads IOCs from an export file, as `run threatfox --backfill` does.
 *
 * @throws Error with the report's reason if the run fails
 */
async function loadExport(store: Store, file: string): Promise<void> {
  const { connector } = await runInTest({
    connector: threatfox,
    environment: { THREATFOX_BACKFILL: file },
    store,
  });
  if (connector.status !== "ok") {
    throw new Error(connector.reason);
  }
}

/** Loads IOCs with the ids 1, 2, 3, … */
export async function loadIocs(store: Store, entries: readonly ExportEntry[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pivot-"));
  try {
    const file = join(folder, "export.json");
    const byId = Object.fromEntries(entries.map((entry, index) => [String(index + 1), [entry]]));
    await writeFile(file, JSON.stringify(byId));
    await loadExport(store, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
