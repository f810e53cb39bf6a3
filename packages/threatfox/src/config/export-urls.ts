import { explainInsecureUrl, fileOrUrlSetting, hideUrlSecrets, urlSetting } from "@cti-connectors/core";

export const publicApiUrl = "https://threatfox-api.abuse.ch/api/v1/";
/** Below it a server has its exports: ThreatFox's API, a mirror, the sandbox. */
const exportsPath = "/files/exports/";

interface ExportUrls {
  readonly API_URL: string;
  readonly THREATFOX_EXPORT_URL?: string | undefined;
  readonly THREATFOX_RECENT_URL?: string | undefined;
}

/**
 * Where the full export is. Who asks an API elsewhere (a sandbox, a mirror) does not mean the public export: then it is
 * looked for beside that API, where ThreatFox has it too (https://threatfox.abuse.ch/export/).
 */
export function fullExportUrl({ API_URL, THREATFOX_EXPORT_URL }: ExportUrls): string {
  return THREATFOX_EXPORT_URL ?? publicOrBeside(API_URL, "full", "full.json.zip");
}

/**
 * Where the export is of what was seen in the last 48 hours, first or again. It needs no key.
 *
 * @see fullExportUrl for an API elsewhere
 */
export function recentExportUrl({ API_URL, THREATFOX_RECENT_URL }: ExportUrls): string {
  return THREATFOX_RECENT_URL ?? publicOrBeside(API_URL, "recent", "recent.json");
}

function publicOrBeside(apiUrl: string, name: string, file: string): string {
  const api = new URL(apiUrl);
  return api.origin === new URL(publicApiUrl).origin
    ? `https://threatfox.abuse.ch/export/json/${name}/`
    : new URL(`${exportsPath}${file}`, api).href;
}

/**
 * The URL to download an export from. Below `/files/exports` of the API's own origin ThreatFox wants the key as a part of
 * it (https://threatfox.abuse.ch/export/); no other URL gets the key.
 */
export function authorizeExportUrl(url: string, apiUrl: string, authKey: string | undefined): URL {
  const target = new URL(url);
  const wantsKey = target.origin === new URL(apiUrl).origin && target.pathname.startsWith(exportsPath);
  if (wantsKey && authKey !== undefined) {
    target.searchParams.set("auth-key", authKey);
  }
  return target;
}

/** Where exports have the key in their path, `/v2/files/exports/<key>/full.json.zip`. */
const keyOfExport = /(?<=^https?:\/\/[^?#]*\/files\/exports\/)[^/?#]+(?=\/)/iu;

/** The address of an export as it may be shown: what `hideUrlSecrets` leaves, without the key in the path. */
export function hideExportKey(url: string): string {
  return hideUrlSecrets(url).replace(keyOfExport, "[redacted]");
}

/**
 * A setting that holds an address.
 *
 * @param explain says why an address must not be used, as the rest of a sentence about the setting
 */
export function secureUrlSetting(explain: (url: string) => string | undefined) {
  return urlSetting().refine((url) => explain(url) === undefined, {
    error: ({ input }) => explain(String(input)),
  });
}

/** A setting that holds the address of an export. */
export function exportUrlSetting() {
  return secureUrlSetting((url) =>
    explainInsecureUrl(url, "anyone who can change an export in transit decides what is loaded"),
  ).meta({ secretPart: keyOfExport });
}

/** A setting that holds the path or the address of an export. */
export function exportSourceSetting() {
  return fileOrUrlSetting(exportUrlSetting()).meta({ secretPart: keyOfExport });
}
