import type { CertificateExtension } from "selfsigned";

/** A certificate and its private key, as PEM text. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

/** Certificates of one test authority, which no machine trusts by default. */
export interface Certificates {
  /** The authority's own certificate, as PEM text. */
  readonly ca: string;
  /** For the hosts asked for. */
  readonly server: CertifiedKey;
  /** For a client with the common name `loader`. */
  readonly client: CertifiedKey;
}

export interface CertificateOptions {
  /** DNS names that the server's certificate is for, beside 127.0.0.1, ::1 and localhost. */
  readonly hosts?: readonly string[];
  /** Encrypts the client's key. Default: it is not encrypted. */
  readonly passphrase?: string;
}

/** Creates an authority and certificates that are valid for a day. The authority's key is discarded. */
export async function createCertificates({
  hosts = [],
  passphrase,
}: CertificateOptions = {}): Promise<Certificates> {
  const authority = await certify("Sandbox authority", [
    { name: "basicConstraints", cA: true, critical: true },
    { name: "keyUsage", keyCertSign: true, critical: true },
  ]);
  const server = await certify(
    "localhost",
    [
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: [
          ...["127.0.0.1", "::1"].map((ip) => ({ type: 7 as const, ip })),
          ...["localhost", ...hosts].map((value) => ({ type: 2 as const, value })),
        ],
      },
    ],
    authority,
  );
  const client = await certify("loader", [{ name: "extKeyUsage", clientAuth: true }], authority, passphrase);
  return { ca: authority.cert, server, client };
}

async function certify(
  commonName: string,
  extensions: CertificateExtension[],
  ca?: CertifiedKey,
  passphrase?: string,
): Promise<CertifiedKey> {
  const { generate } = await import("selfsigned");
  const now = Date.now();
  const { cert, private: key } = await generate([{ name: "commonName", value: commonName }], {
    keyType: "ec",
    algorithm: "sha256",
    // A clock that is a little behind must not find them invalid.
    notBeforeDate: new Date(now - 3_600_000),
    notAfterDate: new Date(now + 86_400_000),
    extensions,
    ...(ca !== undefined && { ca }),
    ...(passphrase !== undefined && { passphrase }),
  });
  return { cert, key };
}
