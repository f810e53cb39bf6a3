import type { HttpSettings, TlsSettings } from "@cti-connectors/core";
import type { AccessConfig } from "./access-settings.js";

/** Names of the settings behind the certificates and the key that connections are made with. */
export const tlsSettings = {
  ca: "MITRE_CA_FILE",
  cert: "MITRE_CLIENT_CERT_FILE",
  key: "MITRE_CLIENT_KEY_FILE",
  passphrase: "MITRE_CLIENT_KEY_PASSPHRASE",
} as const satisfies Record<keyof TlsSettings, keyof AccessConfig>;

export function tlsOf(config: AccessConfig): TlsSettings {
  return {
    ca: config.MITRE_CA_FILE,
    cert: config.MITRE_CLIENT_CERT_FILE,
    key: config.MITRE_CLIENT_KEY_FILE,
    passphrase: config.MITRE_CLIENT_KEY_PASSPHRASE,
  };
}

/** The headers and certificates by which the server knows us. */
export function httpAccess(config: AccessConfig): Pick<HttpSettings, "headers" | "tls" | "tlsSettings"> {
  const headers = credentialsOf(config);
  const { ca, cert } = tlsOf(config);
  return {
    ...(headers !== undefined && { headers }),
    ...((ca ?? cert) !== undefined && { tls: tlsOf(config) }),
    tlsSettings,
  };
}

/** Whether credentials or certificates are set that do not go to an address, because it is at another origin than `MITRE_TAXII_URL`. */
export function isBeyondAccess(
  config: AccessConfig & { readonly MITRE_TAXII_URL: string },
  url: string,
): boolean {
  const { headers, tls } = httpAccess(config);
  const isSet = headers !== undefined || tls !== undefined;
  return isSet && new URL(url).origin !== new URL(config.MITRE_TAXII_URL).origin;
}

function credentialsOf({
  MITRE_USERNAME,
  MITRE_PASSWORD,
  MITRE_TOKEN,
  MITRE_API_KEY,
  MITRE_API_KEY_HEADER,
}: AccessConfig): Record<string, string> | undefined {
  if (MITRE_USERNAME !== undefined && MITRE_PASSWORD !== undefined) {
    const credentials = Buffer.from(`${MITRE_USERNAME}:${MITRE_PASSWORD}`).toString("base64");
    return { Authorization: `Basic ${credentials}` };
  }
  if (MITRE_TOKEN !== undefined) {
    return { Authorization: `Bearer ${MITRE_TOKEN}` };
  }
  return MITRE_API_KEY === undefined ? undefined : { [MITRE_API_KEY_HEADER]: MITRE_API_KEY };
}
