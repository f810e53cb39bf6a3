import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { shortenUrl } from "../text/shorten-url.js";

export interface ForeignRedirect {
  readonly from: URL;
  readonly to: URL;
  /** Name of the setting that holds the address. */
  readonly setting: string | undefined;
  /** Whether keys were sent to `from`. */
  readonly sendsKey: boolean;
}

/** An address as it is shown in advice: a query belongs to one request only, and may hold a key. */
export function showRedirectTarget(to: URL): string {
  const shown = new URL(to);
  shown.search = "";
  return shortenUrl(hideUrlSecrets(shown));
}

/** Says why a redirect to another origin is not followed, and what to do. */
export function explainForeignRedirect({ from, to, setting, sendsKey }: ForeignRedirect): string {
  const target = showRedirectTarget(to);
  const isSameHost = from.hostname === to.hostname;
  if (isSameHost && from.protocol === "http:" && to.protocol === "https:") {
    const remedy =
      setting === undefined ? `use ${to.origin} instead` : `change ${setting} to start with ${to.origin}`;
    return `it redirects to ${target}, which uses https: ${remedy}`;
  }
  if (isSameHost && from.protocol === "https:" && to.protocol === "http:") {
    const key = sendsKey ? " so that the key is not sent there" : "";
    return `the server's proxy is misconfigured: it redirects to ${target}, without TLS, and that is not followed${key}; ${waysAround(from, to, setting)}`;
  }
  const reason = sendsKey ? " so that the key is not sent there" : "";
  const remedy = setting === undefined ? "use that address instead" : `change ${setting}`;
  return `it redirects to another origin, ${target}, and that is not followed${reason}; if it is the right place, ${remedy}`;
}

/** Often only a slash is missing at the end, and behind its proxy the server does not know that it is reached by https. */
function waysAround(from: URL, to: URL, setting: string | undefined): string {
  const administrator = "its administrator must make it redirect to https";
  return setting === undefined || from.pathname === to.pathname
    ? administrator
    : `${administrator}; until then, use an address in ${setting} that needs no redirect, such as ${showRedirectTarget(new URL(to.pathname, from))}`;
}
