import { defineConnector } from "@cti-connectors/core";
import { findNewestReleases } from "./changes/find-newest-releases.js";
import { bundleOption } from "./config/bundle-option.js";
import { httpAccess } from "./config/http-access.js";
import { mitreTaxiiConfig, taxiiSettingNames } from "./config/mitre-taxii-config.js";
import { shareSession } from "./session/taxii-session.js";
import { collectionsStep } from "./steps/collections.js";
import { manifestStep } from "./steps/manifest.js";
import { objectsStep } from "./steps/objects.js";
import { relationshipsStep } from "./steps/relationships.js";
import { releasesStep } from "./steps/releases.js";
import { versionsStep } from "./steps/versions.js";
import { createTaxiiClient } from "./taxii/taxii-client.js";

/** Loads MITRE ATT&CK from its TAXII 2.1 server, or any other TAXII 2.1 server, into MongoDB. */
export const mitreTaxii = defineConnector({
  name: "mitre-taxii",
  summary: "MITRE ATT&CK over TAXII 2.1",
  config: mitreTaxiiConfig,
  options: {
    sample: {
      summary: "load three objects per ATT&CK collection",
      apply: (config) => ({
        ...config,
        MITRE_RELEASES: "latest" as const,
        MITRE_MAX_COLLECTIONS: 3,
        MITRE_MAX_OBJECTS: 3,
      }),
    },
    bundle: bundleOption,
  },
  sampleReason: ({ MITRE_MAX_OBJECTS }) =>
    MITRE_MAX_OBJECTS === undefined
      ? undefined
      : `at most ${MITRE_MAX_OBJECTS} objects of each collection (MITRE_MAX_OBJECTS)`,
  demo: {
    simulator: "attack-taxii",
    settings: ({ url }) => ({ MITRE_TAXII_URL: url }),
    questions: [
      {
        question: "Technique T1059 and its sub-techniques",
        step: "objects",
        filter: { "enriched.technique_id": /^T1059/, removed_at: null },
        sort: { "enriched.technique_id": 1 },
        columns: { id: "enriched.technique_id", name: "enriched.name", tactics: "enriched.tactics" },
      },
    ],
  },
  http: (config) => ({
    origin: new URL(config.MITRE_TAXII_URL).origin,
    urlSetting: "MITRE_TAXII_URL",
    // The quota is the TAXII server's, and bundles come from elsewhere.
    quota: config.MITRE_BUNDLES === undefined ? config.MITRE_REQUEST_BUDGET : undefined,
    ...httpAccess(config),
  }),
  findNewestReleases,
  async check({ config, http }) {
    if (config.MITRE_BUNDLES !== undefined) {
      return "the TAXII server is not queried, because MITRE_BUNDLES is set";
    }
    const client = createTaxiiClient({ http, url: config.MITRE_TAXII_URL, settingNames: taxiiSettingNames });
    const { kind, title = "without a title" } = await client.discover();
    return `a TAXII 2.1 ${kind === "discovery" ? "server" : "API root"}: ${title}`;
  },
  open: shareSession,
  close: (session) => session.close(),
  steps: [collectionsStep, manifestStep, objectsStep, versionsStep, releasesStep, relationshipsStep],
});
