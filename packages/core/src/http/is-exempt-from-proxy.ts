import { BlockList, isIP } from "node:net";

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
