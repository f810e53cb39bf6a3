import { explainInsecureUrl, findTlsFaults } from "@cti-connectors/core";
import type { z } from "zod";
import { type AccessConfig, defaultApiKeyHeader } from "./access-settings.js";
import { tlsOf, tlsSettings } from "./http-access.js";

type CheckedConfig = AccessConfig & { readonly MITRE_TAXII_URL: string };
type Setting = keyof CheckedConfig;

const kindsOfCredentials: readonly (readonly Setting[])[] = [
  ["MITRE_USERNAME", "MITRE_PASSWORD"],
  ["MITRE_TOKEN"],
  ["MITRE_API_KEY"],
];

/** The first of each is of no use without the second. */
const needs: readonly (readonly [Setting, Setting])[] = [
  ["MITRE_USERNAME", "MITRE_PASSWORD"],
  ["MITRE_PASSWORD", "MITRE_USERNAME"],
  ["MITRE_CLIENT_CERT_FILE", "MITRE_CLIENT_KEY_FILE"],
  ["MITRE_CLIENT_KEY_FILE", "MITRE_CLIENT_CERT_FILE"],
  ["MITRE_CLIENT_KEY_PASSPHRASE", "MITRE_CLIENT_KEY_FILE"],
];

/**
 * Finds what is wrong with the settings of `accessSettings` together: half a pair, two kinds of credentials, certificates that are
 * none, and an address to which they must not go. Settings that are faulty by themselves count as given, and are not looked at.
 */
export function checkAccess(config: CheckedConfig, context: z.core.$RefinementCtx<CheckedConfig>): void {
  const faulty = new Set(context.issues.map(({ path }) => path?.[0]));
  const isGiven = (name: Setting) => faulty.has(name) || config[name] !== undefined;
  const isFaulty = (name: Setting) => faulty.has(name);
  const fault = (name: Setting, message: string) => {
    faulty.add(name);
    context.addIssue({ code: "custom", path: [name], message });
  };

  const [kind, ...otherKinds] = kindsOfCredentials.flatMap((settings) => settings.find(isGiven) ?? []);
  for (const [name, other] of needs) {
    if (isGiven(name) && !isGiven(other)) {
      fault(other, `must be set together with ${name}`);
    }
  }
  const header = config.MITRE_API_KEY_HEADER;
  if (!isGiven("MITRE_API_KEY") && !isFaulty("MITRE_API_KEY_HEADER") && header !== defaultApiKeyHeader) {
    fault("MITRE_API_KEY", "must be set together with MITRE_API_KEY_HEADER");
  }
  for (const name of otherKinds) {
    fault(
      name,
      `cannot be used together with ${kind}, because a server accepts only one kind of credentials`,
    );
  }
  const { ca, ...client } = tlsOf(config);
  const readable = {
    ...(!isFaulty(tlsSettings.ca) && { ca }),
    ...(![tlsSettings.cert, tlsSettings.key, tlsSettings.passphrase].some(isFaulty) && client),
  };
  for (const { part, message } of findTlsFaults(readable)) {
    fault(tlsSettings[part], message);
  }
  if (!isFaulty("MITRE_TAXII_URL")) {
    const certificate = (["MITRE_CA_FILE", "MITRE_CLIENT_CERT_FILE"] as const).find(isGiven);
    const insecure =
      kind === undefined
        ? undefined
        : explainInsecureUrl(config.MITRE_TAXII_URL, "credentials are sent there");
    if (insecure !== undefined) {
      fault("MITRE_TAXII_URL", insecure);
    } else if (certificate !== undefined && new URL(config.MITRE_TAXII_URL).protocol !== "https:") {
      fault("MITRE_TAXII_URL", `must start with https://, because ${certificate} is set`);
    }
  }
}
