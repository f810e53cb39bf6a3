/**
 * The URL to download an export from. Below `/files/exports` of the API's own origin ThreatFox wants the key as a part of
 * it (https://threatfox.abuse.ch/export/); no other URL gets the key.
 */
export function authorizeExportUrl(url: string, apiUrl: string, authKey: string | undefined): URL {
  const target = new URL(url);
  const wantsKey = target.origin === new URL(apiUrl).origin && target.pathname.startsWith("/files/exports/");
  if (wantsKey && authKey !== undefined) {
    target.searchParams.set("auth-key", authKey);
  }
  return target;
}
