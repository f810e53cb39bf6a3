import { createPrivateKey } from "node:crypto";
import { type Certificates, createCertificates } from "@cti-connectors/sandbox";
import { beforeAll, describe, expect, test } from "vitest";
import { findTlsFaults } from "./find-tls-faults.js";

const passphrase = "hunter2hunter2";
let ours: Certificates;
let encrypted: Certificates;
beforeAll(async () => {
  ours = await createCertificates();
  encrypted = await createCertificates({ passphrase });
});

describe("no fault has", () => {
  test("nothing, an authority alone, and a certificate with its key, encrypted or not", () => {
    expect(findTlsFaults({})).toEqual([]);
    expect(findTlsFaults({ ca: ours.ca })).toEqual([]);
    expect(findTlsFaults({ ca: ours.ca, ...ours.client })).toEqual([]);
    expect(findTlsFaults({ ...encrypted.client, passphrase })).toEqual([]);
  });

  test("a key that was encrypted the old way", () => {
    const key = createPrivateKey(ours.client.key).export({
      type: "sec1",
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase,
    });
    const { cert } = ours.client;
    expect(findTlsFaults({ cert, key: String(key), passphrase })).toEqual([]);
    expect(findTlsFaults({ cert, key: String(key) })).toMatchObject([{ part: "passphrase" }]);
  });

  test("one file with certificate, chain and key, and text around them", () => {
    const { cert, key } = ours.client;
    const file = `Subject: CN=loader\r\n${cert}\r\n${ours.ca}\n# the key\n${key}`;
    expect(findTlsFaults({ cert: file, key: file })).toEqual([]);
  });
});

test("what is no PEM text is told by its part, with what was found", () => {
  const { cert, key } = ours.client;
  expect(findTlsFaults({ ca: key, cert: "hello", key: cert })).toEqual([
    {
      part: "ca",
      message: "holds no certificate: expected PEM text with -----BEGIN CERTIFICATE-----, found PRIVATE KEY",
    },
    { part: "cert", message: "holds no certificate: expected PEM text with -----BEGIN CERTIFICATE-----" },
    {
      part: "key",
      message: "holds no private key: expected PEM text with -----BEGIN PRIVATE KEY-----, found CERTIFICATE",
    },
  ]);
});

test("what is damaged is told by its part", () => {
  const damaged = (pem: string) => pem.replace(/\n.{20}/, "\n");
  const { cert, key } = ours.client;
  expect(findTlsFaults({ ca: ours.ca + damaged(ours.ca), cert: damaged(cert), key: damaged(key) })).toEqual([
    { part: "ca", message: "holds a damaged certificate: number 2 of 2 cannot be read" },
    { part: "cert", message: "holds a damaged certificate: number 1 of 1 cannot be read" },
    { part: "key", message: "holds a damaged private key, or one of a kind that is not supported" },
  ]);
});

test("a passphrase that is missing or wrong is told, and not shown", () => {
  expect(findTlsFaults(encrypted.client)).toEqual([
    { part: "passphrase", message: "must be set, because the private key is encrypted" },
  ]);
  expect(findTlsFaults({ ...encrypted.client, passphrase: "wrong" })).toEqual([
    { part: "passphrase", message: "does not decrypt the private key" },
  ]);
});

test("half a pair, and halves of two pairs", () => {
  const { cert, key } = ours.client;
  expect(findTlsFaults({ cert })).toEqual([
    { part: "key", message: "must be set, because a client certificate is" },
  ]);
  expect(findTlsFaults({ key })).toEqual([
    { part: "cert", message: "must be set, because a private key is" },
  ]);
  expect(findTlsFaults({ cert, key: ours.server.key })).toMatchObject([
    {
      part: "key",
      message: expect.stringContaining("another private key than that of the client certificate"),
    },
  ]);
});
