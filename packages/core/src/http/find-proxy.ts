import { BlockList, isIP } from "node:net";
import { isLoopback } from "../config/url-setting.js";
import { HttpUrlError } from "./http-errors.js";

/** An HTTP proxy that the environment names. */
export interface HttpProxy {
  /** With user name and password, where it has them. */
  readonly url: URL;
  /** The environment variable that names it, as it is written there: `HTTPS_PROXY`, `http_proxy` … */
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

/** In small letters first, as other programs do. An empty variable counts as unset. */
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

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };

/**
 * Whether `NO_PROXY` names an address: a list, divided by commas or blanks, of `*`, host names (with everything below them, whether a
 * dot or `*.` stands before them or not), IP addresses and networks such as `10.0.0.0/8`; a port behind one limits it to that port. curl
 * and Go's `net/http` read it so. Other entries are ignored, as in both.
 */
export function isExemptFromProxy(target: URL, noProxy = ""): boolean {
  const host = target.hostname.toLowerCase().replace(/\.$/, "");
  const port = target.port === "" ? defaultPorts[target.protocol] : target.port;
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => {
      const { name, port: only } = divide(entry);
      return name !== "" && (only === undefined || only === port) && covers(name, host);
    });
}

function divide(entry: string): { readonly name: string; readonly port?: string | undefined } {
  if (isIP(entry) === 6) {
    return { name: entry };
  }
  const [, name = entry, port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  return { name: name.replace(/^\[(.*)\]$/, "$1"), port };
}

function covers(name: string, host: string): boolean {
  if (name === "*") {
    return true;
  }
  const address = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(address) > 0) {
    return networkOf(name)?.check(address, familyOf(address)) === true;
  }
  const domain = name.replace(/^\*?\./, "").replace(/\.$/, "");
  return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}

function networkOf(name: string): BlockList | undefined {
  const [, address = name, prefix] = /^(.*)\/(\d{1,3})$/.exec(name) ?? [];
  const family = isIP(address);
  const longest = family === 4 ? 32 : 128;
  if (family === 0 || Number(prefix ?? longest) > longest) {
    return undefined;
  }
  const network = new BlockList();
  network.addSubnet(address, Number(prefix ?? longest), familyOf(address));
  return network;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 4 ? "ipv4" : "ipv6";
}
