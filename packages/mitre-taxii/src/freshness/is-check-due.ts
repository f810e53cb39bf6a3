import type { MitreTaxiiConfig } from "../config/mitre-taxii-config.js";

const hourMs = 60 * 60 * 1000;

/** Whether the last check is so long ago, or so much in the future, that shortcuts are not to be trusted. */
export function isCheckDue(
  { MITRE_CHECK_HOURS }: Pick<MitreTaxiiConfig, "MITRE_CHECK_HOURS">,
  checkedAt: string,
  now: Date,
): boolean {
  const ageMs = now.getTime() - Date.parse(checkedAt);
  return !(ageMs >= 0 && ageMs < MITRE_CHECK_HOURS * hourMs);
}
