import { isSecretName } from "./secret-names.js";

/** A URL as it may be shown: without user name, password and fragment, and with `[redacted]` for secrets in its query. */
export function hideUrlSecrets(url: string | URL): string {
  if (!URL.canParse(String(url))) {
    return "(not a URL)";
  }
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  shown.hash = "";
  const query = [...shown.searchParams].filter(([name]) => isSecretName(name));
  for (const [name] of query) {
    shown.searchParams.set(name, "[redacted]");
  }
  return query.length === 0 ? shown.href : shown.href.replaceAll("%5Bredacted%5D", "[redacted]");
}
