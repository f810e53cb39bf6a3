import { publicApiUrl } from "./full-export-url.js";
import type { ThreatfoxConfig } from "./threatfox-config.js";

const publicExportUrl = "https://threatfox.abuse.ch/export/json/recent/";

/**
 * Where the export is of what was seen in the last 48 hours, first or again. It needs no key.
 *
 * @see fullExportUrl for an API elsewhere
 */
export function recentExportUrl({
  THREATFOX_RECENT_URL,
  API_URL,
}: Pick<ThreatfoxConfig, "THREATFOX_RECENT_URL" | "API_URL">): string {
  if (THREATFOX_RECENT_URL !== undefined) {
    return THREATFOX_RECENT_URL;
  }
  const api = new URL(API_URL);
  return api.origin === new URL(publicApiUrl).origin
    ? publicExportUrl
    : new URL("/files/exports/recent.json", api).href;
}
