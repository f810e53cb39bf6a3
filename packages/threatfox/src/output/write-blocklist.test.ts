import { expect, test } from "vitest";
import { cobaltStrike, storeIoc, streamOf, textOf } from "./stored-ioc.testing.js";
import { type BlocklistOptions, blocklistOrder, writeBlocklist } from "./write-blocklist.js";

async function listOf(iocs: readonly (readonly [type: string, ioc: string])[], options?: BlocklistOptions) {
  const stored = iocs.map(([ioc_type, ioc]) => storeIoc({ ...cobaltStrike, ioc_type, ioc }));
  return textOf(writeBlocklist(streamOf(...stored), options));
}

test("of an ip:port, the address is listed, and once for all its ports", async () => {
  const text = await listOf([
    ["ip:port", "203.0.113.5:443"],
    ["ip:port", "203.0.113.5:8080"],
    ["ip:port", "[2001:DB8::1]:443"],
  ]);
  expect(text).toBe("203.0.113.5\n2001:db8::1\n");
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

test("loopback and unspecified addresses are left out, and told", async () => {
  const leftOut: string[] = [];
  const text = await listOf(
    [
      ...["127.0.0.1:80", "127.9.9.9:80", "0.0.0.0:80", "[::1]:80", "[::]:80", "[::ffff:127.0.0.1]:80"].map(
        (ioc) => ["ip:port", ioc] as const,
      ),
      ["url", "http://127.1/a"],
      ["ip:port", "128.0.0.1:80"],
      ["ip:port", "[::2]:80"],
    ],
    { onLeftOut: (_ioc, reason) => leftOut.push(reason) },
  );
  expect(text).toBe("128.0.0.1\n::2\n");
  expect(leftOut).toEqual(Array.from({ length: 7 }, () => "loopback"));
});

test("what has expired is left out from that moment on", async () => {
  const iocs = [["domain", "bad.example"]] as const;
  const expiry = new Date("2026-07-02T03:04:05Z");
  expect(await listOf(iocs, { expiredBy: expiry })).toBe("");
  expect(await listOf(iocs, { expiredBy: new Date(expiry.getTime() - 1) })).toBe("bad.example\n");
  expect(await listOf(iocs)).toBe("bad.example\n");
});

test("IOCs are ordered by what is listed of them", () => {
  expect(["ip:port", "domain"].map(blocklistOrder)).toEqual([
    "enriched.indicator.host",
    "enriched.indicator.value",
  ]);
});
