import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connector } from "@cti-connectors/core";
import type { Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { malwareLinks } from "@cti-connectors/pivot";
import { startSandbox } from "@cti-connectors/sandbox";
import { threatfox } from "@cti-connectors/threatfox";

/** An IOC that tries to be markup wherever it is shown. */
export const hostile = {
  ioc_value: 'http://evil.example/"><script>alert(1)</script>',
  ioc_type: "url",
  threat_type: "botnet_cc",
  malware: "win.hostile",
  malware_printable: '"><img src=x onerror=alert(1)>',
  malware_alias: null,
  first_seen_utc: "2026-11-01 00:00:00",
  last_seen_utc: null,
  confidence_level: 75,
  reference: "javascript:alert(1)",
  tags: "<b>bold</b>",
  anonymous: 0,
  reporter: "<svg onload=alert(1)>",
};

async function load(store: Store, connector: Connector, environment: Readonly<Record<string, string>>) {
  const { connector: report } = await runInTest({ connector, environment, store });
  if (report.status !== "ok") {
    throw new Error(`${report.name}: ${report.reason}`);
  }
}

/** What the sandbox has, and one hostile IOC. */
export async function loadDemo(store: Store): Promise<void> {
  const sandbox = await startSandbox();
  const folder = await mkdtemp(join(tmpdir(), "explorer-"));
  try {
    await load(store, mitreTaxii, { MITRE_TAXII_URL: sandbox.taxiiUrl, MITRE_RELEASES: "all" });
    await load(store, threatfox, { THREATFOX_API_KEY: sandbox.authKey, API_URL: sandbox.threatfoxUrl });
    const file = join(folder, "export.json");
    await writeFile(file, JSON.stringify({ "99000001": [hostile] }));
    await load(store, threatfox, { THREATFOX_BACKFILL: file });
    await load(store, malwareLinks, {});
  } finally {
    await sandbox.close();
    await rm(folder, { recursive: true });
  }
}
