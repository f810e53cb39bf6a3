import type { TlsSettings } from "./http-client.js";

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
