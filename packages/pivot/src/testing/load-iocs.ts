import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { threatfox } from "@cti-connectors/threatfox";

/** An entry of an export of ThreatFox. */
export interface ExportEntry {
  readonly ioc_value: string;
  readonly ioc_type: string;
  readonly malware: string;
  readonly malware_printable: string;
  readonly first_seen_utc: string;
  readonly [field: string]: unknown;
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
