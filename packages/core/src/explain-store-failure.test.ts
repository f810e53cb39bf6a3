import { MongoNetworkError, MongoServerError } from "mongodb";
import { expect, it } from "vitest";
import { explainStoreFailure } from "./explain-store-failure.js";

const explain = (error: unknown) => explainStoreFailure(error, "db.example:27017");

it.each([
  [18, "Authentication failed.", /user or the password.*MONGO_URI/],
  [8000, "bad auth : authentication failed", /user or the password.*MONGO_URI/],
  [13, "not authorized on threat_intelligence", /not permit.*MONGO_URI.*readWrite/],
  [10107, "not primary", /not a primary.*MONGO_URI/],
  [14031, "available disk space of 0 bytes", /disk.*full/],
  [2, "something else", /db\.example:27017.*something else/],
])("explains error code %i", (code, message, expected) => {
  expect(explain(new MongoServerError({ code, message }))).toMatch(expected);
});

it("explains a lost connection, and that nothing is lost", () => {
  expect(explain(new MongoNetworkError("connection 3 to 127.0.0.1:27017 closed"))).toMatch(
    /was lost.*run again/,
  );
});

it("explains a certificate that is not trusted", () => {
  const cause = Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  expect(explain(new MongoNetworkError("connect failed", { cause }))).toMatch(/TLS.*tlsCAFile.*MONGO_URI/);
});

it("says nothing about errors that are not the database's", () => {
  expect(explain(new TypeError("x is not a function"))).toBeUndefined();
  expect(explain("text")).toBeUndefined();
});
