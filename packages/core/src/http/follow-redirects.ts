import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { secretsInHeaders } from "../secrets/secrets-in-headers.js";
import { shortenUrl } from "../text/one-line.js";
import type { HttpRequest, HttpResponse, HttpSettings } from "./http-client.js";
import type { HttpStatusError } from "./http-errors.js";
import type { BodyReader, RequestSender } from "./send-request.js";

const mostRedirects = 5;
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a request, and again to where it is redirected: within one origin only, because the settings' headers hold keys.
 *
 * @throws HttpStatusError where a redirect is not followed
 * @throws what the sender throws
 */
export async function sendFollowingRedirects(
  sender: RequestSender,
  settings: HttpSettings,
  first: URL,
  firstRequest: HttpRequest,
  read?: BodyReader,
): Promise<HttpResponse> {
  let url = first;
  let request = firstRequest;
  for (let redirects = 0; ; redirects += 1) {
    const response = await sender.send(url, request, read);
    const location = response.headers.get("location");
    if (!redirectStatuses.has(response.status) || location === undefined) {
      return response;
    }
    const target = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (target === undefined) {
      throw sender.refusal(request, response, { advice: "it redirects to an invalid address" });
    }
    if (target.origin !== url.origin) {
      throw foreignRedirect(sender, settings, { url, target, request, response });
    }
    if (redirects === mostRedirects) {
      throw sender.refusal(request, response, {
        advice: `more than ${mostRedirects} redirects in a row, the last one to ${showRedirectTarget(target)}`,
        redirectsTo: showRedirectTarget(target),
      });
    }
    target.username = "";
    target.password = "";
    url = target;
    // Fetch standard, HTTP-redirect fetch, step 12: only 307 and 308 keep a POST a POST.
    if (response.status <= 303 && request.method === "POST") {
      const { body: _, ...withoutBody } = request;
      request = { ...withoutBody, method: "GET" };
    }
  }
}

interface Redirect {
  readonly url: URL;
  readonly target: URL;
  readonly request: HttpRequest;
  readonly response: HttpResponse;
}

function foreignRedirect(
  sender: RequestSender,
  settings: HttpSettings,
  { url, target, request, response }: Redirect,
): HttpStatusError {
  const isOurs = sender.isConfigured(url);
  return sender.refusal(request, response, {
    advice: explainForeignRedirect({
      from: url,
      to: target,
      setting: sender.settingOf(url, request),
      sendsKey:
        (isOurs && Object.values(settings.headers ?? {}).some((value) => value !== undefined)) ||
        secretsInHeaders(request.headers).length > 0,
    }),
    redirectsTo: showRedirectTarget(target),
  });
}

interface ForeignRedirect {
  readonly from: URL;
  readonly to: URL;
  /** Name of the setting that holds the address. */
  readonly setting: string | undefined;
  /** Whether keys were sent to `from`. */
  readonly sendsKey: boolean;
}

/** An address as it is shown in advice: a query belongs to one request only, and may hold a key. */
function showRedirectTarget(to: URL): string {
  const shown = new URL(to);
  shown.search = "";
  return shortenUrl(hideUrlSecrets(shown));
}

/** Says why a redirect to another origin is not followed, and what to do. */
export function explainForeignRedirect({ from, to, setting, sendsKey }: ForeignRedirect): string {
  const target = showRedirectTarget(to);
  const isSameHost = from.hostname === to.hostname;
  const reason = sendsKey ? " so that the key is not sent there" : "";
  if (isSameHost && from.protocol === "http:" && to.protocol === "https:") {
    const remedy =
      setting === undefined ? `use ${to.origin} instead` : `change ${setting} to start with ${to.origin}`;
    return `it redirects to ${target}, which uses https: ${remedy}`;
  }
  if (isSameHost && from.protocol === "https:" && to.protocol === "http:") {
    return `the server's proxy is misconfigured: it redirects to ${target}, without TLS, and that is not followed${reason}; ${waysAround(from, to, setting)}`;
  }
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
