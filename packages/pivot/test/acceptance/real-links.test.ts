import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { runInTest, storedIn } from "@cti-connectors/core/testing";
import { describeOnEmbedded } from "@cti-connectors/dev-kit/describe-on-servers";
import { hasRealData, nameRealData, realData } from "@cti-connectors/sandbox/testing";
import { threatfox } from "@cti-connectors/threatfox";
import { expect, test } from "vitest";
import { malwareLinks } from "../../src/links-connector.js";
import { loadObjects } from "../../src/testing/load-attack.js";

const files = [
  "attack/enterprise-attack-18.1.json.gz",
  "threatfox/export-recent-2026-07-24.json.gz",
] as const;
const [attackFile, threatfoxFile] = files;

interface BundleObject {
  readonly id: string;
  readonly type: string;
  readonly relationship_type?: string;
}

/** What links are made of: of the whole release, all software, and what takes the place of what is revoked. */
function readSoftwareObjects(): readonly BundleObject[] {
  const { objects }: { readonly objects: readonly BundleObject[] } = JSON.parse(
    gunzipSync(readFileSync(realData(attackFile))).toString(),
  );
  return objects.filter(
    ({ type, relationship_type }) => ["malware", "tool"].includes(type) || relationship_type === "revoked-by",
  );
}

const isThere = hasRealData(...files);

describeOnEmbedded("malware-links of real data", (openDatabase) => {
  test.skipIf(!isThere)(
    nameRealData("links families of a ThreatFox export with Enterprise 18.1", ...files),
    async () => {
      const store = await openDatabase();
      await loadObjects(store, readSoftwareObjects());
      const environment = { THREATFOX_BACKFILL: realData(threatfoxFile) };
      await runInTest({ connector: threatfox, environment, store });
      const { connector } = await runInTest({ connector: malwareLinks, environment: {}, store });
      expect(connector).toMatchObject({
        status: "ok",
        requests: 0,
        steps: [{ facts: { linked: 23, ambiguous: 0, unlinked: 71 } }],
      });
      const links = new Map(
        (await storedIn(store, "malware_links")).map(({ _id, enriched }) => [_id, enriched]),
      );
      expect(links.get("win.cobalt_strike")).toMatchObject({
        state: "linked",
        software_ids: ["S0154"],
        links: [{ name: "Cobalt Strike", found_by: "name", confidence: 90 }],
      });
      expect(links.get("win.chaos")).toMatchObject({
        state: "unlinked",
        software_ids: [],
        rejected: [{ attack_id: "S0220", reason: "platforms" }],
      });
      expect(links.get("win.wannacryptor")).toMatchObject({ software_ids: ["S0366"] });
      expect(links.get("win.latrodectus")).toMatchObject({ software_ids: ["S1160"] });
      expect(links.get("elf.bashlite")).toMatchObject({ software_ids: [] });
      expect(links.get("unknown_rat")).toMatchObject({ state: "unlinked", rejected: [] });
      const again = await runInTest({ connector: malwareLinks, environment: {}, store });
      expect(again.connector).toMatchObject({ status: "ok", steps: [{ extracted: 0 }] });
    },
  );
});
