import { isLoopback } from "../config/is-loopback.js";
import { HttpUrlError } from "./http-url-error.js";
import { isExemptFromProxy } from "./is-exempt-from-proxy.js";

/** An HTTP proxy that the environment names. */
export interface HttpProxy {
  /** With user name and password, where it has them. */
  readonly url: URL;
  /** Of the environment, as it is written there: `HTTPS_PROXY`, `http_proxy` … */
  readonly variable: string;
}

/**
 * The proxy that stands between us and an address, by the environment of the process: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`
 * and `NO_PROXY`, in capitals or not, as curl and Go read them. Undefined: the request goes there directly, as it always does to this
 * machine.
 *
 * @throws HttpUrlError that names the variable where its value cannot be used, without showing it
 */
export function findProxy(target: URL): HttpProxy | undefined {
  const scheme = target.protocol.slice(0, -1);
  const found = readVariable(`${scheme}_proxy`) ?? readVariable("all_proxy");
  if (
    found === undefined ||
    isLoopback(target) ||
    isExemptFromProxy(target, readVariable("no_proxy")?.value)
  ) {
    return undefined;
  }
  const { name: variable, value } = found;
  const address = value.includes("://") ? value : `http://${value}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (/^socks/i.test(address)) {
    throw new HttpUrlError(
      `${variable} names a SOCKS proxy, which is not supported: it must be the address of an HTTP proxy, such as http://proxy.example.com:3128`,
    );
  }
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

/** In small letters first, as other programs do. An empty variable is none. */
function readVariable(name: string): { readonly name: string; readonly value: string } | undefined {
  for (const spelling of [name, name.toUpperCase()]) {
    const value = process.env[spelling]?.trim();
    if (value !== undefined && value !== "") {
      return { name: spelling, value };
    }
  }
  return undefined;
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(`${username}${password}`);
    return true;
  } catch {
    return false;
  }
}
