import { expect, test } from "vitest";
import { z } from "zod";
import { secretValues } from "./secret-values.js";

const schema = z.object({
  API_KEY: z.string().optional().meta({ secret: true }),
  KEYS: z.array(z.string()).meta({ secret: true }).optional(),
  MONGO_URI: z.string().optional(),
  NAME: z.string().optional(),
  FEED_URL: z
    .string()
    .meta({ secretPart: /(?<=\/feeds\/)[^/]+(?=\/)/u })
    .optional(),
});

test("finds the values of secret settings, alone or in a list", () => {
  expect(secretValues(schema, { API_KEY: "abcd", KEYS: ["e", "f"], NAME: "x" })).toEqual(["abcd", "e", "f"]);
  expect(secretValues(schema, { NAME: "x" })).toEqual([]);
});

test("finds what a setting says is secret in it", () => {
  const found = (url: string) => secretValues(schema, { FEED_URL: url });
  expect(found("https://example.com/feeds/k%2F1/all.json?token=t")).toEqual(["t", "k%2F1", "k/1"]);
  expect(found("https://example.com/feeds/all.json")).toEqual([]);
});

test.each([
  ["mongodb://user:p%40ss@host/db", ["p%40ss", "p@ss"]],
  ["mongodb+srv://user:pass@host", ["pass"]],
  [
    "mongodb://user:100%25@a:1,b:2/?tls=true&tlsCertificateKeyFilePassword=q%20r",
    ["100%25", "100%", "q%20r", "q r"],
  ],
  ["mongodb://user@host", []],
  ["mongodb://127.0.0.1:27017/a@b:c", []],
  ["https://user:pass@example.com/?token=abc", ["pass", "abc"]],
  [`https://example.com/v2/files/exports/${"0a".repeat(24)}/full.json.zip`, ["0a".repeat(24)]],
  [`/home/${"0a".repeat(24)}/full.json.zip`, []],
])("finds the passwords in %s", (uri, expected) => {
  expect(secretValues(schema, { MONGO_URI: uri })).toEqual(expected);
});
