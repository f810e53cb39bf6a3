import type { ThreatfoxConfig } from "./threatfox-config.js";

export const publicApiUrl = "https://threatfox-api.abuse.ch/api/v1/";
const publicExportUrl = "https://threatfox.abuse.ch/export/json/full/";

/**
 * Where the full export is. Who asks an API elsewhere (a sandbox, a mirror) does not mean the public export: then it is
 * looked for beside that API, where ThreatFox has it too (https://threatfox.abuse.ch/export/).
 */
export function fullExportUrl({
  THREATFOX_EXPORT_URL,
  API_URL,
}: Pick<ThreatfoxConfig, "THREATFOX_EXPORT_URL" | "API_URL">): string {
  if (THREATFOX_EXPORT_URL !== undefined) {
    return THREATFOX_EXPORT_URL;
  }
  const api = new URL(API_URL);
  return api.origin === new URL(publicApiUrl).origin
    ? publicExportUrl
    : new URL("/files/exports/full.json.zip", api).href;
}
