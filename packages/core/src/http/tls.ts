import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { Agent } from "node:https";
import { createSecureContext } from "node:tls";
import { errorCodeOf } from "../errors/inspect-error.js";
import type { TlsSettingNames, TlsSettings } from "./http-client.js";

interface TlsFault {
  /** What of the settings is to blame. */
  readonly part: keyof TlsSettings;
  /** The rest of a sentence that begins with its name. Without secrets. */
  readonly message: string;
}

/** Says what is wrong with certificates and key before anything is sent with them. Empty: they can be used. */
export function findTlsFaults(tls: TlsSettings): readonly TlsFault[] {
  const faults: TlsFault[] = [];
  const fault: ReportFault = (part, message) => faults.push({ part, message });
  readCertificates("ca", tls, fault);
  const [certificate] = readCertificates("cert", tls, fault);
  const key = readKey(tls, fault);
  if (tls.cert === undefined && tls.key !== undefined) {
    fault("cert", "must be set together with the private key");
  }
  if (tls.key === undefined && tls.cert !== undefined) {
    fault("key", "must be set together with the client certificate");
  }
  if (certificate !== undefined && key !== undefined && !certificate.checkPrivateKey(key)) {
    fault("key", "is not the private key of the client certificate, which must come first in its file");
  }
  if (faults.length > 0) {
    return faults;
  }
  try {
    createSecureContext(pemOnly(tls));
  } catch (error) {
    const code = errorCodeOf(error);
    const shown = code === undefined ? "" : ` (${code})`;
    fault(tls.cert === undefined ? "ca" : "cert", `has a certificate that TLS does not accept${shown}`);
  }
  return faults;
}

type ReportFault = (part: keyof TlsSettings, message: string) => void;

function readCertificates(part: "ca" | "cert", tls: TlsSettings, fault: ReportFault): X509Certificate[] {
  const text = tls[part];
  if (text === undefined) {
    return [];
  }
  const blocks = readPem(text, "CERTIFICATE");
  if (blocks.length === 0) {
    fault(part, `has no certificate: expected PEM text with -----BEGIN CERTIFICATE-----${hintOn(text)}`);
  }
  return blocks.flatMap((block, index) => {
    try {
      return [new X509Certificate(block)];
    } catch {
      fault(part, `has a damaged certificate: number ${index + 1} of ${blocks.length} cannot be read`);
      return [];
    }
  });
}

function readKey({ key, passphrase }: TlsSettings, fault: ReportFault): KeyObject | undefined {
  if (key === undefined) {
    return undefined;
  }
  const [block] = readPem(key, "PRIVATE KEY");
  if (block === undefined) {
    fault("key", `has no private key: expected PEM text with -----BEGIN PRIVATE KEY-----${hintOn(key)}`);
    return undefined;
  }
  const isEncrypted = /-----BEGIN ENCRYPTED|^Proc-Type: *4, *ENCRYPTED/m.test(block);
  if (isEncrypted && passphrase === undefined) {
    fault("passphrase", "must be set, because the private key is encrypted");
    return undefined;
  }
  try {
    return createPrivateKey({ key: block, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    if (isEncrypted) {
      fault("passphrase", "does not decrypt the private key");
    } else {
      fault("key", "has a damaged private key, or one of an unsupported kind");
    }
    return undefined;
  }
}

function hintOn(text: string): string {
  const labels = [...text.matchAll(/-----BEGIN ([^-\r\n]+)-----/g)].map(([, label]) => label);
  return labels.length === 0 ? "" : `, found ${[...new Set(labels)].join(", ")}`;
}

/** Connections with certificates of our own. */
export interface TlsConnections {
  readonly settings: TlsSettings;
  readonly agent: Agent;
}

/**
 * Opens no connection yet.
 *
 * @throws TypeError that names every fault of the settings
 */
export function createTlsConnections(tls: TlsSettings, names: TlsSettingNames = {}): TlsConnections {
  const faults = findTlsFaults(tls);
  if (faults.length > 0) {
    throw new TypeError(
      faults.map(({ part, message }) => `${names[part] ?? `tls.${part}`} ${message}`).join("; "),
    );
  }
  const settings = pemOnly(tls);
  // As Node's own agent does: an idle connection is used again for a few seconds.
  return { settings, agent: new Agent({ ...settings, keepAlive: true, scheduling: "lifo", timeout: 5000 }) };
}

/**
 * The blocks of a PEM text that hold this, without what stands around them (RFC 7468). Labels may say more, as `EC PRIVATE KEY` and
 * `ENCRYPTED PRIVATE KEY` do.
 */
export function readPem(text: string, kind: "CERTIFICATE" | "PRIVATE KEY"): string[] {
  const blocks = text.matchAll(/-----BEGIN ([^-\r\n]+)-----.*?-----END \1-----/gs);
  return [...blocks].flatMap(([block, label = ""]) => (label.endsWith(kind) ? [block] : []));
}

/** The same settings with the PEM blocks alone, so that one file may hold both certificate and key. */
export function pemOnly({ ca, cert, key, passphrase }: TlsSettings): TlsSettings {
  return {
    ca: ca === undefined ? undefined : readPem(ca, "CERTIFICATE").join("\n"),
    cert: cert === undefined ? undefined : readPem(cert, "CERTIFICATE").join("\n"),
    key: key === undefined ? undefined : readPem(key, "PRIVATE KEY")[0],
    passphrase,
  };
}
