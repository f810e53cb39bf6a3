import { defineConnector } from "@cti-connectors/core";
import { authHeaders } from "./client/query-threatfox.js";
import { threatfoxConfig } from "./config/threatfox-config.js";
import { iocs } from "./steps/iocs.js";
import { iocTypeList, malwareList } from "./steps/reference-lists.js";

/** Loads abuse.ch ThreatFox. */
export const threatfox = defineConnector({
  name: "threatfox",
  summary: "IOCs of abuse.ch ThreatFox",
  config: threatfoxConfig,
  skipReason: ({ THREATFOX_API_KEY, THREATFOX_BACKFILL }) =>
    THREATFOX_API_KEY === undefined && THREATFOX_BACKFILL === undefined
      ? "THREATFOX_API_KEY is not set: get a free key at https://auth.abuse.ch/ (ATT&CK loads without it)"
      : undefined,
  http: ({ API_URL, THREATFOX_API_KEY }) => ({
    origin: new URL(API_URL).origin,
    urlSetting: "API_URL",
    ...(THREATFOX_API_KEY === undefined ? {} : { headers: authHeaders(THREATFOX_API_KEY) }),
  }),
  // What people load this for comes first.
  steps: [iocs, malwareList, iocTypeList],
});
