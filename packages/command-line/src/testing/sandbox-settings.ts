import type { Sandbox } from "@cti-connectors/sandbox";

/** The settings that lead the connectors of `apps/runner` to a sandbox. */
export function sandboxSettings({
  taxiiUrl,
  threatfoxUrl,
  threatfoxExportUrl,
  authKey,
}: Pick<Sandbox, "taxiiUrl" | "threatfoxUrl" | "threatfoxExportUrl" | "authKey">) {
  return {
    MITRE_TAXII_URL: taxiiUrl,
    API_URL: threatfoxUrl,
    THREATFOX_API_KEY: authKey,
    THREATFOX_EXPORT_URL: threatfoxExportUrl,
  };
}
