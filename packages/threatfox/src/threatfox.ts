import { defineConnector } from "@cti-connectors/core";
import { authHeaders, queryThreatfox } from "./client/query-threatfox.js";
import { backfillOption } from "./config/backfill-option.js";
import { connectionOf, threatfoxConfig } from "./config/threatfox-config.js";
import { iocs } from "./steps/iocs.js";
import { iocTypeList, malwareList } from "./steps/reference-lists.js";

/** Loads abuse.ch ThreatFox. */
export const threatfox = defineConnector({
  name: "threatfox",
  summary: "IOCs of abuse.ch ThreatFox",
  config: threatfoxConfig,
  options: { backfill: backfillOption },
  skipReason: ({ THREATFOX_API_KEY, THREATFOX_BACKFILL }) =>
    THREATFOX_API_KEY === undefined && THREATFOX_BACKFILL === undefined
      ? "THREATFOX_API_KEY is not set: get a free key at https://auth.abuse.ch/"
      : undefined,
  http: ({ API_URL, THREATFOX_API_KEY }) => ({
    origin: new URL(API_URL).origin,
    urlSetting: "API_URL",
    ...(THREATFOX_API_KEY === undefined ? {} : { headers: authHeaders(THREATFOX_API_KEY) }),
  }),
  async check({ config, http }) {
    await queryThreatfox(connectionOf(http, config), { query: "types" });
    return "the key is valid";
  },
  demo: {
    simulator: "threatfox",
    settings: ({ url, key }) => ({ API_URL: url, THREATFOX_API_KEY: key }),
    questions: [
      {
        question: "IOCs of Cobalt Strike, newest first",
        step: "iocs",
        filter: { "enriched.malware_name": "Cobalt Strike", removed_at: null },
        sort: { "enriched.first_seen": -1 },
        columns: {
          indicator: "enriched.defanged",
          threat: "enriched.threat_type",
          confidence: "enriched.confidence",
          "first seen (UTC)": "enriched.first_seen",
        },
      },
    ],
  },
  // What people load this for comes first.
  steps: [iocs, malwareList, iocTypeList],
});
