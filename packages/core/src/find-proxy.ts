import { getProxyForUrl } from "proxy-from-env";
import { HttpUrlError } from "./http-url-error.js";
import { isLoopback } from "./is-loopback.js";

/** An HTTP proxy that the environment names. */
export interface HttpProxy {
  /** With user name and password, where it has them. */
  readonly url: URL;
  /** Of the environment. */
  readonly variable: string;
}

/**
 * The proxy that stands between us and an address, by the environment of the process: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`
 * and `NO_PROXY`, in capitals or not. Undefined: the request goes there directly, as it always does to this machine.
 *
 * @throws HttpUrlError that names the variable where its value cannot be used, without showing it
 */
export function findProxy(target: URL): HttpProxy | undefined {
  const address = isLoopback(target) ? "" : getProxyForUrl(target.href);
  if (address === "") {
    return undefined;
  }
  const variable = variableFor(target);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === "" || !isDecodable(url)) {
    throw new HttpUrlError(
      `${variable} must be the address of an HTTP proxy, such as http://user:password@proxy.example.com:3128, with special characters of user and password as %XX`,
    );
  }
  return { url, variable };
}

/** Host and port, and the variable that names them. */
export function describeProxy({ url, variable }: HttpProxy): string {
  return `the proxy ${url.host} (${variable})`;
}

/** What must not be shown of a proxy. */
export function proxySecrets({ url: { username, password } }: HttpProxy): string[] {
  return password === "" ? [username] : [password, decodeURIComponent(password)];
}

function variableFor({ protocol }: URL): string {
  const own = `${protocol.slice(0, -1)}_proxy`;
  return process.env[own] || process.env[own.toUpperCase()] ? own.toUpperCase() : "ALL_PROXY";
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(`${username}${password}`);
    return true;
  } catch {
    return false;
  }
}
