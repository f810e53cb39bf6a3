import { secretsInHeaders } from "../secrets/secrets-in-headers.js";
import { explainForeignRedirect, showRedirectTarget } from "./explain-redirect.js";
import type { HttpRequest, HttpResponse, HttpSettings } from "./http-client.js";
import type { HttpStatusError } from "./http-status-error.js";
import type { RequestSender } from "./request-sender.js";
import type { BodyReader } from "./send-request.js";

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
      setting: request.urlSetting ?? (isOurs ? settings.urlSetting : undefined),
      sendsKey: (isOurs && settings.headers !== undefined) || secretsInHeaders(request.headers).length > 0,
    }),
    redirectsTo: showRedirectTarget(target),
  });
}
