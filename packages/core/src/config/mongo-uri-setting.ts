import { MongoClient } from "mongodb";
import { z } from "zod";

/** A setting that holds a MongoDB connection string, checked by the driver's own parser. Nothing is connected. No error quotes it. */
export function mongoUriSetting() {
  return z
    .string({ error: "must start with mongodb:// or mongodb+srv://" })
    .superRefine((uri, context) => {
      const message = findMongoUriFault(uri);
      if (message !== undefined) {
        context.addIssue({ code: "custom", message });
      }
    })
    .meta({ quoted: false });
}

const form = "write mongodb://user:password@host:27017/ or mongodb+srv://user:password@host/";
const unescaped =
  "must have special characters of user name and password percent-encoded: write % as %25, @ as %40, : as %3A, / as %2F, ? as %3F, # as %23, [ as %5B and ] as %5D";

/**
 * Says what is wrong with a MongoDB connection string, to stand behind the name of its setting; undefined where the driver supports
 * it. Nothing is connected. No part of the text is quoted, and neither is the driver's own message, which does so: where a
 * connection string is written wrongly, any part of it may be one of the password.
 */
export function findMongoUriFault(uri: string): string | undefined {
  const [, srv, rest] = /^mongodb(\+srv)?:\/\/(.*)$/s.exec(uri) ?? [];
  if (rest === undefined) {
    return "must start with mongodb:// or mongodb+srv://";
  }
  const at = rest.indexOf("@");
  const [address = ""] = rest.slice(at + 1).split("?");
  if (at >= 0 && (!isEscaped(rest.slice(0, at)) || address.includes("@"))) {
    return unescaped;
  }
  const [hosts = ""] = address.split("/");
  if (hosts === "") {
    return `must name a host: ${form}`;
  }
  if (srv !== undefined && /[,:]/.test(hosts)) {
    return "must name one host without a port if it starts with mongodb+srv://";
  }
  if (!hosts.split(",").every(isHost)) {
    const missing = at < 0 ? "; if that is the user name and password, the host after them is missing" : "";
    return `must name hosts as host or host:port, with a number for the port${missing}: ${form}`;
  }
  return isTaken(uri) ? undefined : describeRefusal(uri);
}

/** `user` or `user:password`, with special characters as %XX. */
function isEscaped(userInfo: string): boolean {
  const [user = "", ...password] = userInfo.split(":");
  return password.length <= 1 && user !== "" && !/[/?#[\]]|%(?![0-9a-f]{2})/i.test(userInfo);
}

function isHost(host: string): boolean {
  return /^(?:\[[^\]]+\]|[^:[\]]+)(?::\d+)?$/.test(host);
}

/** What the driver does not take although user, password and hosts are well written: mostly an option. */
function describeRefusal(uri: string): string {
  const [server = "", options = ""] = uri.split(/\?(.*)/s);
  const number = options.split("&").findIndex((option) => !isTaken(`${server}?${option}`)) + 1;
  return isTaken(server) && number > 0
    ? `has an option that the MongoDB driver does not support, number ${number} after its ?: check its name and value, and that a ? in the password is written as %3F`
    : `is not a valid MongoDB connection string, or its options contradict each other: ${form}`;
}

function isTaken(uri: string): boolean {
  try {
    new MongoClient(uri);
    return true;
  } catch {
    return false;
  }
}
