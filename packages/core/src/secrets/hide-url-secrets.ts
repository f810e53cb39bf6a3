import { isSecretName } from "./redact-secrets.js";

/** A key in the path of a URL: what is long enough for one. A setting tells of shorter ones with `.meta({ secretPart: /…/ })`. */
export const keyInPath = /(?<=\/)[A-Za-z0-9]{40,}(?=[/?#]|$)/g;

/**
 * A URL as it may be shown: without user name, password and fragment, and with `[redacted]` for secrets in its query and
 * its path.
 */
export function hideUrlSecrets(url: string | URL): string {
  if (!URL.canParse(String(url))) {
    return "(not a URL)";
  }
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  shown.hash = "";
  shown.pathname = shown.pathname.replaceAll(keyInPath, "[redacted]");
  const query = [...shown.searchParams].filter(([name]) => isSecretName(name));
  for (const [name] of query) {
    shown.searchParams.set(name, "[redacted]");
  }
  return shown.href.replaceAll("%5Bredacted%5D", "[redacted]");
}
