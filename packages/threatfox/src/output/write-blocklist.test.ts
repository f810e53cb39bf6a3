import { expect, test } from "vitest";
import { cobaltStrike, storeIoc, streamOf, textOf } from "../testing/stored-ioc.js";
import { type BlocklistOptions, writeBlocklist, writeBlocklists } from "./write-blocklist.js";

async function listOf(iocs: readonly (readonly [type: string, ioc: string])[], options?: BlocklistOptions) {
  const stored = iocs.map(([ioc_type, ioc]) => storeIoc({ ...cobaltStrike, ioc_type, ioc }));
  return textOf(writeBlocklist(streamOf(...stored), options));
}

test("of an ip:port, the address is listed, and once for all its ports", async () => {
  const text = await listOf([
    ["ip:port", "9.9.9.9:443"],
    ["ip:port", "9.9.9.9:8080"],
    ["ip:port", "[2620:FE::FE]:443"],
  ]);
  expect(text).toBe("9.9.9.9\n2620:fe::fe\n");
});

test("of other types, the value is listed", async () => {
  const text = await listOf([
    ["domain", "BAD.example."],
    ["url", "http://bad.example:8080/a"],
    ["md5_hash", "0123456789ABCDEF0123456789ABCDEF"],
  ]);
  expect(text).toBe("bad.example\nhttp://bad.example:8080/a\n0123456789abcdef0123456789abcdef\n");
});

test("malformed IOCs and values that are not one word are left out, and told", async () => {
  const leftOut: string[] = [];
  const text = await listOf(
    [
      ["ip:port", "203.0.113.5:99999"],
      ["domain", "*.bad.example"],
      ["domain", "com"],
      ["unheard_of", "two\nlines"],
      ["unheard_of", "# a comment"],
      ["unheard_of", "fine"],
    ],
    { onLeftOut: (_ioc, reason) => leftOut.push(reason) },
  );
  expect(text).toBe("fine\n");
  expect(leftOut).toEqual(["malformed", "malformed", "malformed", "unlistable", "unlistable"]);
});

test("hosts of the reader's own network are left out, and told", async () => {
  const leftOut: string[] = [];
  const text = await listOf(
    [
      ["ip:port", "10.0.0.1:80"],
      ["ip:port", "100.64.0.1:80"],
      ["ip:port", "[::ffff:192.168.1.10]:80"],
      ["ip:port", "[fe80::1]:80"],
      ["url", "http://127.1/a"],
      ["url", "http://10.1/a"],
      ["url", "http://167772161/a"],
      ["url", "http://0x0a.0.0.1/a"],
      ["url", "http://012.0.0.1/a"],
      ["url", "http://[::ffff:a00:1]/a"],
      ["unheard_of", "192.168.1.10"],
      ["url", "http://localhost/a"],
      ["url", "http://router/a"],
      ["domain", "router.local"],
      ["domain", "10.in-addr.arpa"],
      ["envelope_from", "root@nas.lan"],
      ["ip:port", "9.9.9.9:80"],
      ["unheard_of", "192.168.1.10/a"],
    ],
    { onLeftOut: (_ioc, reason) => leftOut.push(reason) },
  );
  expect(text).toBe("9.9.9.9\n192.168.1.10/a\n");
  expect(leftOut).toEqual([
    ...Array.from({ length: 11 }, () => "special-address"),
    ...Array.from({ length: 5 }, () => "special-name"),
  ]);
});

test.each(["10.1:80", "167772161:80", "0x0a000001:80", "012.0.0.1:80", "[::ffff:10.1]:80"])(
  "an address that is written as %s is not listed, either",
  async (ioc) => {
    expect(await listOf([["ip:port", ioc]])).toBe("");
  },
);

test("an IPv4-mapped address is listed as the IPv4 address", async () => {
  expect(await listOf([["ip:port", "[::ffff:9.9.9.9]:80"]])).toBe("9.9.9.9\n");
});

test("what has expired is left out from that moment on", async () => {
  const iocs = [["domain", "bad.example"]] as const;
  const expiry = new Date("2026-07-02T03:04:05Z");
  expect(await listOf(iocs, { expiredBy: expiry })).toBe("");
  expect(await listOf(iocs, { expiredBy: new Date(expiry.getTime() - 1) })).toBe("bad.example\n");
  expect(await listOf(iocs)).toBe("bad.example\n");
});

test("types that are listed by the same field are read together, in the order of that field", async () => {
  const asked: unknown[] = [];
  const read = (types: readonly string[], orderBy: string) => {
    asked.push([types, orderBy]);
    return streamOf(
      ...types.map((ioc_type) => storeIoc({ ...cobaltStrike, ioc_type, ioc: examples[ioc_type] ?? "" })),
    );
  };
  const examples: Readonly<Record<string, string>> = {
    "ip:port": "9.9.9.9:443",
    domain: "bad.example",
    url: "http://bad.example/a",
  };
  expect(await textOf(writeBlocklists(["domain", "ip:port", "url"], read))).toBe(
    "bad.example\nhttp://bad.example/a\n9.9.9.9\n",
  );
  expect(asked).toEqual([
    [["domain", "url"], "enriched.indicator.value"],
    [["ip:port"], "enriched.indicator.host"],
  ]);
});
