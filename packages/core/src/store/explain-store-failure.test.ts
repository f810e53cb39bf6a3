import { MongoBulkWriteError, MongoNetworkError, MongoServerError } from "mongodb";
import { expect, test } from "vitest";
import { redactSecrets } from "../secrets/redact-secrets.js";
import { explainStoreFailure, isTransient } from "./explain-store-failure.js";
import { asStoreError } from "./with-store-retry.js";

const explain = (error: unknown) => explainStoreFailure(error, { kind: "mongodb", host: "db.example:27017" });

test.each([
  [18, "Authentication failed.", /user name or password.*Authentication failed\..*MONGO_URI/],
  [8000, "bad auth : authentication failed", /user name or password.*MONGO_URI/],
  [8000, "you are over your space quota, using 513 MB of 512 MB", /no space left.*513 MB.*8000/],
  [8000, "cannot create a new collection -- already using 527 collections of 500", /no space left.*527/],
  [8000, "Some other refusal", /reports: Some other refusal; code 8000/],
  [16500, "Error=16500, RetryAfterMs=8, Details='Request rate is large'", /limits the rate.*RetryAfterMs=8/],
  [13, "not authorized on threat_intelligence", /not permit.*MONGO_URI.*readWrite/],
  [10107, "not primary", /not a primary.*MONGO_URI/],
  [14031, "available disk space of 0 bytes", /disk.*full/],
  [2, "something else", /db\.example:27017.*something else/],
])("explains error code %i: %s", (code, message, expected) => {
  const text = explain(new MongoServerError({ code, message })) ?? "";
  expect(text).toMatch(expected);
  expect(redactSecrets(text)).toBe(text);
});

test.each([
  ["Input/output error", /disk of the embedded database in \/data \(DATA_DIR\) cannot be written.*Input/],
  ["No space left on device", /disk of the embedded database in \/data \(DATA_DIR\) is full/],
  ["anything else", /embedded database in \/data \(DATA_DIR\) reports: anything else/],
])("names the folder and DATA_DIR where the embedded database fails: %s", (message, expected) => {
  const place = { kind: "embedded", host: "127.0.0.1:38835", folder: "/data" } as const;
  const text = explainStoreFailure(new MongoServerError({ code: 1, message }), place);
  expect(text).toMatch(expected);
  expect(text).not.toMatch(/MONGO_URI|38835/);
});

test("takes the socket's own error for a cut connection, alone and in a bulk write", () => {
  const error = Object.assign(new Error("write EPIPE"), { code: "EPIPE", syscall: "write" });
  expect(isTransient(error)).toBe(true);
  expect(isTransient(new MongoBulkWriteError(error, Object.create(null)))).toBe(true);
  expect(String(asStoreError(error, { kind: "mongodb", host: "db.example:27017" }))).toMatch(
    /connection to MongoDB at db\.example:27017 was lost \(write EPIPE\)/,
  );
  expect(isTransient(new MongoServerError({ message: "write EPIPE" }))).toBe(false);
});

test("leaves alone a socket's error that is not known to be the database's", () => {
  expect(
    explain(Object.assign(new Error("write EPIPE"), { code: "EPIPE", syscall: "write" })),
  ).toBeUndefined();
});

test("explains a lost connection, and that nothing is lost", () => {
  expect(explain(new MongoNetworkError("connection 3 to 127.0.0.1:27017 closed"))).toMatch(
    /was lost.*run again/,
  );
});

test("explains a certificate that is not trusted", () => {
  const cause = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(explain(new MongoNetworkError("connect failed", { cause }))).toMatch(/TLS.*tlsCAFile.*MONGO_URI/);
});

test("says nothing about errors that are not the database's", () => {
  expect(explain(new TypeError("x is not a function"))).toBeUndefined();
  expect(explain("text")).toBeUndefined();
});
