import type { Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { malwareLinks } from "../links-connector.js";
import { loadObjects } from "./load-attack.js";
import { type ExportEntry, loadIocs } from "./load-iocs.js";

const time = "2024-01-01T00:00:00.000Z";

function attackObject(type: string, attackId: string, more: object) {
  return {
    type,
    id: `${type}--${attackId}`,
    created: time,
    modified: time,
    external_references: [
      { source_name: "mitre-attack", external_id: attackId, url: `https://attack.mitre.org/${attackId}` },
    ],
    x_mitre_domains: ["enterprise-attack"],
    ...more,
  };
}

function relationship(source: { id: string }, relationship_type: string, target: { id: string }) {
  return {
    type: "relationship",
    id: `relationship--${source.id}${target.id}`,
    created: time,
    modified: time,
    relationship_type,
    source_ref: source.id,
    target_ref: target.id,
    description: "In short.",
    x_mitre_domains: ["enterprise-attack"],
  };
}

const software = attackObject("malware", "S9001", {
  name: "Example Beacon",
  x_mitre_aliases: ["Example Beacon", "ExBeacon"],
});
const group = attackObject("intrusion-set", "G9001", { name: "Example Bear" });
const technique = attackObject("attack-pattern", "T9001", {
  name: "Example Technique",
  kill_chain_phases: [{ kill_chain_name: "mitre-attack", phase_name: "impact" }],
});
const mitigation = attackObject("course-of-action", "M9001", { name: "Example Mitigation" });
const objects = [
  software,
  group,
  technique,
  mitigation,
  relationship(software, "uses", technique),
  relationship(group, "uses", software),
  relationship(mitigation, "mitigates", technique),
];

function entry(ioc_type: string, ioc_value: string, first_seen_utc: string, more: object = {}): ExportEntry {
  return {
    ioc_type,
    ioc_value,
    first_seen_utc,
    malware: "win.example_beacon",
    malware_printable: "Example Beacon",
    malware_alias: null,
    threat_type: "botnet_cc",
    confidence_level: 75,
    last_seen_utc: null,
    reference: null,
    reporter: "somebody",
    tags: "C2, Example Tag",
    ...more,
  };
}

const iocs = [
  entry("ip:port", "203.0.113.5:443", "2026-11-01 00:00:00"),
  entry("ip:port", "[2001:db8::1]:443", "2026-11-02 00:00:00"),
  entry("domain", "c2.example", "2026-11-03 00:00:00"),
  entry("url", "http://www.c2.example/a", "2026-11-04 00:00:00"),
  entry("md5_hash", "a".repeat(32), "2026-11-05 00:00:00"),
  entry("domain", "other.example", "2026-01-01 00:00:00", {
    malware: "win.other",
    malware_printable: "Other",
  }),
];

/** Stores a family, its IOCs, the software of ATT&CK that it is, and the link between the two. */
export async function loadExample(store: Store): Promise<void> {
  await loadObjects(store, objects);
  await loadIocs(store, iocs);
  const { connector } = await runInTest({ connector: malwareLinks, environment: {}, store });
  if (connector.status !== "ok") {
    throw new Error(connector.reason);
  }
}
