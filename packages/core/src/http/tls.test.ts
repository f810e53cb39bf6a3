import { createPrivateKey } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { type Certificates, createCertificates } from "@cti-connectors/sandbox";
import { beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { clientOf, connectionErrorOf } from "../testing/http-client.js";
import { startHttpProxy } from "../testing/http-proxy.js";
import { findTlsFaults, pemOnly, readPem } from "./tls.js";

// Each connection makes its keys.
vi.setConfig({ testTimeout: 30_000 });

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

test("a part that is not PEM is named, with what was found instead", () => {
  const { cert, key } = ours.client;
  expect(findTlsFaults({ ca: key, cert: "hello", key: cert })).toEqual([
    {
      part: "ca",
      message: "has no certificate: expected PEM text with -----BEGIN CERTIFICATE-----, found PRIVATE KEY",
    },
    { part: "cert", message: "has no certificate: expected PEM text with -----BEGIN CERTIFICATE-----" },
    {
      part: "key",
      message: "has no private key: expected PEM text with -----BEGIN PRIVATE KEY-----, found CERTIFICATE",
    },
  ]);
});

test("a damaged part is named", () => {
  const damaged = (pem: string) => pem.replace(/\n.{20}/, "\n");
  const { cert, key } = ours.client;
  expect(findTlsFaults({ ca: ours.ca + damaged(ours.ca), cert: damaged(cert), key: damaged(key) })).toEqual([
    { part: "ca", message: "has a damaged certificate: number 2 of 2 cannot be read" },
    { part: "cert", message: "has a damaged certificate: number 1 of 1 cannot be read" },
    { part: "key", message: "has a damaged private key, or one of an unsupported kind" },
  ]);
});

test("a missing or wrong passphrase is reported, and not shown", () => {
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
    { part: "key", message: "must be set together with the client certificate" },
  ]);
  expect(findTlsFaults({ key })).toEqual([
    { part: "cert", message: "must be set together with the private key" },
  ]);
  expect(findTlsFaults({ cert, key: ours.server.key })).toMatchObject([
    {
      part: "key",
      message: expect.stringContaining("is not the private key of the client certificate"),
    },
  ]);
});

/** Only a proxy of these tests knows this host. */
const upstream = "taxii.test";

const names = {
  urlSetting: "MITRE_TAXII_URL",
  tlsSettings: { ca: "MITRE_CA_FILE", cert: "MITRE_CLIENT_CERT_FILE", key: "MITRE_CLIENT_KEY_FILE" },
};

let certificates: Certificates;
beforeAll(async () => {
  certificates = await createCertificates({ hosts: [upstream] });
});

beforeEach(() => {
  for (const name of ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"]) {
    vi.stubEnv(name, undefined);
    vi.stubEnv(name.toLowerCase(), undefined);
  }
  return () => vi.unstubAllEnvs();
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  /** Common name of the client's certificate. */
  readonly client: string | string[] | undefined;
}

/** A TLS server on loopback that answers everything with `fine`. */
async function startTlsServer(options: ServerOptions = {}) {
  const received: Received[] = [];
  let connections = 0;
  const server = createServer({ ...certificates.server, ...options }, ({ socket, headers }, response) => {
    const client = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined;
    received.push({ headers, client });
    response.end("fine");
  });
  server.on("secureConnection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { origin: `https://127.0.0.1:${port}`, port, received, connections: () => connections };
}

/** Takes any client, and asks each for its certificate. */
const curious = { requestCert: true, rejectUnauthorized: false };

describe("an authority of one's own", () => {
  test("vouches for the server, for requests and downloads, on one connection", async () => {
    const server = await startTlsServer();
    const { http } = clientOf({ ...names, tls: { ca: certificates.ca } });
    expect((await http.request(server.origin)).body).toBe("fine");
    expect((await http.request(`${server.origin}/b`)).body).toBe("fine");
    const file = join(tmpdir(), `tls-connections-${process.pid}`);
    onTestFinished(() => rm(file, { force: true }));
    await http.download(server.origin, { file });
    expect(await readFile(file, "utf8")).toBe("fine");
    expect(server.connections()).toBe(1);
  });

  test("is asked for by its setting where the server's is not known, and nothing is tried again", async () => {
    const server = await startTlsServer();
    const { http } = clientOf(names);
    const { message, retryable } = await connectionErrorOf(http.request(server.origin));
    expect(retryable).toBe(false);
    expect(message).toMatch(
      /certificate was issued by a CA that is not trusted .*check MITRE_TAXII_URL; if it is right, set MITRE_CA_FILE to a file/,
    );
    expect(http.stats.requests).toBe(1);
  });

  test("is told to be the wrong one where another vouches for the server", async () => {
    const server = await startTlsServer();
    const { ca } = await createCertificates();
    const { http } = clientOf({ ...names, tls: { ca } });
    expect((await connectionErrorOf(http.request(server.origin))).message).toContain(
      "check that MITRE_CA_FILE has the CA certificate of this server",
    );
  });
});

describe("a client certificate", () => {
  test("is shown to the server that asks for it", async () => {
    const server = await startTlsServer({ ca: certificates.ca, requestCert: true });
    const { http } = clientOf({ ...names, tls: { ca: certificates.ca, ...certificates.client } });
    expect((await http.request(server.origin)).body).toBe("fine");
    expect(server.received[0]?.client).toBe("loader");
  });

  test.each(["TLSv1.3", "TLSv1.2"] as const)(
    "is asked for by its setting where the server wants one: %s",
    async (maxVersion) => {
      const server = await startTlsServer({ ca: certificates.ca, requestCert: true, maxVersion });
      const { http } = clientOf({ ...names, tls: { ca: certificates.ca } });
      const { message, retryable } = await connectionErrorOf(http.request(server.origin));
      expect(message).toContain("client certificate");
      expect(message).toContain("set MITRE_CLIENT_CERT_FILE");
      expect(retryable).toBe(false);
    },
  );
});

describe("certificates go to the configured origin only", () => {
  test("another one gets neither the client's certificate nor trust by our authority", async () => {
    const server = await startTlsServer(curious);
    const other = await startTlsServer(curious);
    const tls = { ca: certificates.ca, ...certificates.client };
    const { http } = clientOf({ ...names, tls, origin: server.origin });
    const { message } = await connectionErrorOf(http.request(other.origin));
    expect(message).toContain("CA that is not trusted");
    expect(message).not.toContain("MITRE_CA_FILE");
    expect(other.received).toEqual([]);
    await http.request(server.origin);
    expect(server.received).toMatchObject([{ client: "loader" }]);
  });

  test("a proxy on the way gets nothing of it, and the server behind it does", async () => {
    const server = await startTlsServer({ ca: certificates.ca, requestCert: true });
    const proxy = await startHttpProxy({ hosts: { [upstream]: server.port } });
    vi.stubEnv("HTTPS_PROXY", `http://${proxy.host}`);
    const tls = { ca: certificates.ca, ...certificates.client };
    const { http } = clientOf({ ...names, tls, headers: { Authorization: "Bearer zyxwvutsr" } });
    expect((await http.request(`https://${upstream}/taxii2/`)).body).toBe("fine");
    expect(server.received).toMatchObject([
      { client: "loader", headers: { authorization: "Bearer zyxwvutsr", host: upstream } },
    ]);
    expect(proxy.received).toEqual([{ line: `CONNECT ${upstream}:443`, authorization: undefined }]);

    const strangers = clientOf({ ...names, tls, origin: "https://elsewhere.test" });
    expect((await connectionErrorOf(strangers.http.request(`https://${upstream}/`))).message).toContain(
      "CA that is not trusted",
    );
  });
});

test("settings that cannot be used are told before anything is sent, by their names", () => {
  const { cert } = certificates.client;
  expect(() => clientOf({ ...names, tls: { ca: "hello", cert } })).toThrow(
    /^MITRE_CA_FILE has no certificate.*; MITRE_CLIENT_KEY_FILE must be set/,
  );
  expect(() => clientOf({ tls: { ca: "hello" } })).toThrow(/^tls\.ca has no certificate/);
});

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
