import {
  fileOrUrlListSetting,
  integerSetting,
  listSetting,
  quotaSetting,
  urlSetting,
} from "@cti-connectors/core";
import { z } from "zod";
import { accessSettings } from "./access-settings.js";
import { checkAccess } from "./check-access.js";
import { releasesSetting } from "./releases-setting.js";

const settings = z.object({
  MITRE_TAXII_URL: urlSetting()
    .default("https://attack-taxii.mitre.org/taxii2/")
    .describe("TAXII 2.1 server: its discovery URL or one of its API roots"),
  ...accessSettings,
  MITRE_COLLECTIONS: listSetting()
    .optional()
    .describe(
      "Collections to load: ids, titles or patterns such as *ICS*, separated by commas (default: all)",
    ),
  MITRE_RELEASES: releasesSetting
    .prefault("latest")
    .describe("ATT&CK releases to load: latest, all, or versions and ranges such as 17.1,18.1 or 16.1..18.1"),
  MITRE_BUNDLES: fileOrUrlListSetting()
    .optional()
    .describe("Load these STIX bundles instead of asking the server: files or URLs, separated by commas"),
  MITRE_PAGE_SIZE: integerSetting({ min: 1, max: 100_000 })
    .default(5000)
    .describe("Objects per request; the ATT&CK server takes as long for few as for many"),
  MITRE_MAX_PAGES: integerSetting({ min: 1, max: 100_000_000 })
    .default(10_000)
    .describe("Fail if one listing has more pages than this: it may be endless"),
  MITRE_MAX_COLLECTIONS: integerSetting({ min: 1 }).optional().describe("Load at most this many collections"),
  MITRE_MAX_OBJECTS: integerSetting({ min: 1 })
    .optional()
    .describe("Load at most this many objects per collection"),
  MITRE_MAX_CONTENTS: integerSetting({ min: 0 })
    .optional()
    .describe("Keep at most this many x_mitre_contents entries of an x-mitre-collection object"),
  MITRE_CHECK_HOURS: integerSetting({ min: 0, max: 8760 })
    .default(24)
    .describe(
      "Hours between comparisons of whole manifests, even if releases and dates are unchanged; 0: in every run",
    ),
  MITRE_REQUEST_BUDGET: quotaSetting
    .prefault("50/600")
    .describe("The server's quota as requests/seconds, or off"),
});

/** The settings of the ATT&CK connector, by environment variable. */
export const mitreTaxiiConfig = settings.superRefine(checkAccess, {
  // Faults of single settings are no reason not to tell of others.
  when: () => true,
});

export type MitreTaxiiConfig = z.output<typeof mitreTaxiiConfig>;

/** How errors of the TAXII client call what can be set. */
export const taxiiSettingNames = {
  url: "MITRE_TAXII_URL",
  credentials: "MITRE_USERNAME and MITRE_PASSWORD, MITRE_TOKEN or MITRE_API_KEY",
  clientCertificate: "MITRE_CLIENT_CERT_FILE",
  requestBudget: "MITRE_REQUEST_BUDGET",
  noRequestBudget: "MITRE_REQUEST_BUDGET=off",
  pageSize: "MITRE_PAGE_SIZE",
  maxPages: "MITRE_MAX_PAGES",
};
