import { fileURLToPath } from "node:url";
import { serveOnLoopback, startSandbox } from "@cti-connectors/sandbox";
import { onTestFinished } from "vitest";

const bundle = (release: string) =>
  fileURLToPath(new URL(`../../../../packages/sandbox/src/demo/ics-attack-${release}.json`, import.meta.url));

/** An entry of the catalogue of CISA. */
export const entry = (number: number) => ({
  cveID: `CVE-2026-${1_000 + number}`,
  vendorProject: "Examplesoft",
  product: "Mail Server",
  vulnerabilityName: "Examplesoft Mail Server Path Traversal Vulnerability",
  dateAdded: "2026-11-03",
  shortDescription: "A path traversal.",
  requiredAction: "Apply mitigations per vendor instructions.",
  dueDate: "2026-11-24",
  knownRansomwareCampaignUse: "Unknown",
  notes: "",
  cwes: ["CWE-22"],
});

/** A record of ThreatFox, seen an hour ago. */
export const ioc = (number: number, fields: Readonly<Record<string, unknown>> = {}) => ({
  id: String(1_950_000 + number),
  ioc: `192.0.2.${number}:443`,
  ioc_type: "ip:port",
  ioc_type_desc: "ip:port combination",
  threat_type: "botnet_cc",
  threat_type_desc: "Indicator that identifies a botnet command&control server (C&C)",
  malware: "win.example",
  malware_printable: "Example",
  malware_alias: null,
  malware_malpedia: "https://malpedia.caad.fkie.fraunhofer.de/details/win.example",
  confidence_level: 75,
  first_seen: new Date(Date.now() - 3_600_000)
    .toISOString()
    .replace("T", " ")
    .replace(/\.\d+Z$/, " UTC"),
  last_seen: null,
  reference: null,
  reporter: "abuse_ch",
  tags: ["c2"],
  is_compromised: false,
  ...fields,
});

export interface Upstreams {
  readonly environment: Readonly<Record<string, string>>;
  /** ThreatFox changes an IOC and a malware family, ATT&CK publishes a release, CISA removes an entry. */
  change(): Promise<void>;
}

/** The upstreams of all connectors, each with something that changes, and ThreatFox with an invalid record. */
export async function openUpstreams(): Promise<Upstreams> {
  let attack = await startSandbox({ attackFiles: [bundle("17.1")] });
  const sandbox = await startSandbox({ attackFiles: [] });
  sandbox.publish([ioc(1), ioc(2), ioc(3, { ioc: " ", malware: "win.other" })]);
  let entries = [1, 2, 3, 4, 5].map(entry);
  const catalogue = await serveOnLoopback(() =>
    Response.json({
      title: "CISA Catalog of Known Exploited Vulnerabilities",
      catalogVersion: `of ${entries.length}`,
      dateReleased: "2026-11-03T17:00:00.000Z",
      count: entries.length,
      vulnerabilities: entries,
    }),
  );
  onTestFinished(async () => {
    await Promise.all([attack.close(), sandbox.close(), catalogue.close()]);
  });
  return {
    environment: {
      MITRE_TAXII_URL: attack.taxiiUrl,
      API_URL: sandbox.threatfoxUrl,
      THREATFOX_API_KEY: sandbox.authKey,
      THREATFOX_EXPORT_URL: sandbox.threatfoxExportUrl,
      KEV_URL: catalogue.url,
    },
    async change() {
      const family = { malware_alias: "Sample" };
      sandbox.publish([ioc(1, { ...family, confidence_level: 100 }), ioc(2, family)]);
      entries = entries.slice(1);
      await attack.close();
      const taxiiPort = Number(new URL(attack.taxiiUrl).port);
      attack = await startSandbox({ attackFiles: [bundle("18.1")], taxiiPort });
    },
  };
}
