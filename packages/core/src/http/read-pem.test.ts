import { expect, test } from "vitest";
import { pemOnly, readPem } from "./read-pem.js";

const block = (label: string, text: string) =>
  `-----BEGIN ${label}-----\r\n${text}\r\n-----END ${label}-----`;
const a = block("CERTIFICATE", "a");
const b = block("CERTIFICATE", "b");
const key = block("EC PRIVATE KEY", "k");

test("finds blocks of one kind among others, without what stands around them", () => {
  const text = `Bag attributes\n${a}\n${key}\nsubject=b\n${b}\n-----BEGIN CERTIFICATE-----\ncut`;
  expect(readPem(text, "CERTIFICATE")).toEqual([a, b]);
  expect(readPem(text, "PRIVATE KEY")).toEqual([key]);
  expect(readPem("", "CERTIFICATE")).toEqual([]);
});

test("keeps of settings what each of them is for", () => {
  expect(pemOnly({ cert: `${key}\n${a}\n${b}`, key: `${a}\n${key}`, passphrase: "p" })).toEqual({
    cert: `${a}\n${b}`,
    key,
    passphrase: "p",
  });
});
