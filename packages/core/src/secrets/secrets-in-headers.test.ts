import { expect, test } from "vitest";
import { secretsInHeaders } from "./secrets-in-headers.js";

test("finds what has the name of a secret, with and without its scheme", () => {
  expect(secretsInHeaders({ "Auth-Key": "k", Accept: "a/b", "X-Tenant": "t" })).toEqual(["k"]);
  expect(secretsInHeaders({ authorization: "Bearer zyx" })).toEqual(["Bearer zyx", "zyx"]);
  expect(secretsInHeaders(undefined)).toEqual([]);
});

test("finds the password in what HTTP Basic sends, colons in it too", () => {
  const credentials = Buffer.from("me:pass:wörd").toString("base64");
  expect(secretsInHeaders({ Authorization: `Basic ${credentials}` })).toEqual([
    `Basic ${credentials}`,
    credentials,
    "pass:wörd",
  ]);
});

test("takes every header of a connector for a key, but those that tell what it understands", () => {
  const headers = { "X-Tenant": "t", Accept: "a/b", "Content-Type": "a/b", "User-Agent": "c" };
  expect(secretsInHeaders(headers, { allSecret: true })).toEqual(["t"]);
});
