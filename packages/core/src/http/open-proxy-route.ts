import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { HttpProxyAgent } from "http-proxy-agent";
import { HttpsProxyAgent } from "https-proxy-agent";
import { hideUrlSecrets } from "../secrets/hide-url-secrets.js";
import { describeProxy, type HttpProxy } from "./find-proxy.js";
import type { TlsSettings } from "./http-client.js";
import { HttpConnectionError } from "./http-errors.js";

/** A way through a proxy for one request. */
export interface ProxyRoute {
  readonly agent: HttpProxyAgent<string> | HttpsProxyAgent<string>;
  /** Whether it was the proxy that could not be reached, by the code of the error. */
  isProxysFault(code: string | undefined): boolean;
  /** What is wrong where an answer of this status is the proxy's own, and not the upstream's. */
  refusal(status: number): HttpConnectionError | undefined;
}

const connecting =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EHOSTDOWN)$|CERT|^ERR_SSL_|^ERR_TLS_|^EPROTO$|UNABLE_TO_/;

class TunnelAgent extends HttpsProxyAgent<string> {
  tls: TlsSettings | undefined;

  override connect(
    request: ClientRequest,
    options: Parameters<HttpsProxyAgent<string>["connect"]>[1],
  ): Promise<Socket> {
    return super.connect(request, { ...options, ...this.tls });
  }
}

/**
 * Opens a way through a proxy: a tunnel to an https address; for an http address the proxy asks in our place.
 *
 * @param signal cuts the connection to the proxy
 * @param tls for the connection to the address, inside the tunnel; the proxy gets nothing of it
 */
export function openProxyRoute(
  target: URL,
  proxy: HttpProxy,
  signal: AbortSignal,
  tls?: TlsSettings,
): ProxyRoute {
  if (target.protocol === "http:") {
    return {
      agent: new HttpProxyAgent(proxy.url.href, { signal }),
      // The proxy is the only one that we connect to.
      isProxysFault: (code) => code !== undefined && connecting.test(code),
      refusal: (status) => (status === 407 ? refusalOf(status, target, proxy) : undefined),
    };
  }
  const agent = new TunnelAgent(proxy.url.href, { signal });
  agent.tls = tls;
  let isTunnel = true;
  let hasAnswered = false;
  agent.on("proxyConnect", ({ statusCode }: { readonly statusCode: number }) => {
    hasAnswered = true;
    isTunnel = statusCode === 200;
  });
  return {
    agent,
    isProxysFault: (code) => !hasAnswered && code !== undefined && connecting.test(code),
    refusal: (status) => (isTunnel ? undefined : refusalOf(status, target, proxy)),
  };
}

function refusalOf(status: number, target: URL, proxy: HttpProxy): HttpConnectionError {
  return new HttpConnectionError(
    `No answer from ${target.host}: ${describeProxy(proxy)} answered ${status}`,
    hideUrlSecrets(target),
    undefined,
    status >= 500,
    { wasSent: false, advice: adviceOn(status, proxy) },
  );
}

function adviceOn(status: number, { url, variable }: HttpProxy): string {
  if (status !== 407) {
    return "check that it lets requests to this host through; NO_PROXY lists hosts to reach without it";
  }
  return url.username === ""
    ? `it requires a user name and password: write ${variable} as http://user:password@${url.host}`
    : `it rejected the user name or password: check both in ${variable}, with special characters as %XX`;
}
