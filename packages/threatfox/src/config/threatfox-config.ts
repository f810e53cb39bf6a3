import { collectionSetting, type HttpClient, integerSetting } from "@cti-connectors/core";
import { z } from "zod";
import {
  explainInsecureApiUrl,
  queryDays,
  type SettingNames,
  type ThreatfoxConnection,
} from "../client/query-threatfox.js";
import { exportSourceSetting, exportUrlSetting, publicApiUrl, secureUrlSetting } from "./export-urls.js";

/** The connector's settings, by environment variable. */
export const threatfoxConfig = z.object({
  API_URL: secureUrlSetting(explainInsecureApiUrl)
    .default(publicApiUrl)
    .describe("Address of the ThreatFox API"),
  THREATFOX_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+$/u, { error: "must be a key as shown at https://auth.abuse.ch/, without spaces" })
    .optional()
    .meta({ secret: true })
    .describe("Your key for abuse.ch, free at https://auth.abuse.ch/. Unset: ThreatFox is skipped"),
  QUERY_DAYS: integerSetting(queryDays)
    .default(3)
    .describe(
      `Days of IOCs to request from ThreatFox in the first run, ${queryDays.min} to ${queryDays.max}`,
    ),
  THREATFOX_BACKFILL: exportSourceSetting()
    .optional()
    .describe("An export to load first, in every run: a file or a URL. For one run: --backfill"),
  THREATFOX_EXPORT_URL: exportUrlSetting()
    .optional()
    .describe(
      "Address of the full export, for IOCs too old for the API. Unset: ThreatFox's own, or the one on the server of API_URL if that is another",
    ),
  THREATFOX_REFRESH_DAYS: integerSetting({ min: 0, max: 180 })
    .default(7)
    .describe(
      "Days between loads of the full export, to pick up changes to IOCs too old for the API; 0: never",
    ),
  THREATFOX_RECENT_URL: exportUrlSetting()
    .optional()
    .describe(
      "Address of the export of the last 48 hours. Unset: ThreatFox's own, or the one on the server of API_URL if that is another",
    ),
  THREATFOX_RECENT_HOURS: integerSetting({ min: 0, max: 48 })
    .default(24)
    .describe("Hours between loads of the export of the last 48 hours, to pick up IOCs seen again; 0: never"),
  THREATFOX_DOWNLOAD_DIR: z
    .string()
    .optional()
    .meta({ path: true })
    .describe("The folder that exports are downloaded to. Unset: downloads, in DATA_DIR"),
  COLLECTION_NAME: collectionSetting()
    .default("threatfox_raw")
    .describe("The collection that the IOCs are loaded into"),
});

/** @see threatfoxConfig */
export type ThreatfoxConfig = z.output<typeof threatfoxConfig>;

/** What the settings are called that the client gets. */
export const settingNames: SettingNames = {
  apiUrl: "API_URL",
  authKey: "THREATFOX_API_KEY",
  days: "QUERY_DAYS",
};

/** The connection of a client with these settings. */
export function connectionOf(
  http: HttpClient,
  { API_URL, THREATFOX_API_KEY = "" }: Pick<ThreatfoxConfig, "API_URL" | "THREATFOX_API_KEY">,
): ThreatfoxConnection {
  return { http, apiUrl: API_URL, authKey: THREATFOX_API_KEY, settingNames };
}
