import { isSecretName } from "./redact-secrets.js";

/** A part of a URL's path that is long enough to be a key. Settings declare shorter keys with `.meta({ secretPart: /…/ })`. */
export const keyInPath = /(?<=\/)[A-Za-z0-9]{40,}(?=[/?#]|$)/g;

/** Parameters that are secret in the query of a URL, where signed addresses have theirs, too; elsewhere such names are harmless. */
const secretParameter = /^(?:.*[-_])?(?:key|sig|signature|pass|pwd)$/i;

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
  const query = [...shown.searchParams].filter(([name]) => isSecretName(name) || secretParameter.test(name));
  for (const [name] of query) {
    shown.searchParams.set(name, "[redacted]");
  }
  return shown.href.replaceAll("%5Bredacted%5D", "[redacted]");
}
