import { durationSetting } from "@cti-connectors/core/host";
import { z } from "zod";
import { attackDomain } from "../answers/attack-json.js";

/** Parts of paths and queries. */

export const domainPath = z.object({ domain: attackDomain });

export const release = z
  .string()
  .regex(/^\d{1,3}\.\d{1,3}$/, "expected a release such as 18.1")
  .optional()
  .meta({ description: "a stored release of ATT&CK. Default: what is current", example: "18.1" });

export const releaseQuery = z.strictObject({ release });

/** How far back a question goes, in milliseconds. */
export const since = durationSetting()
  .prefault("30d")
  .meta({ description: "how far back: such as 24h, 7d or 30d", example: "7d" });

/** How many things to answer. */
export function limitOf(most: number, usual: number) {
  return z.coerce.number().int().min(1).max(most).default(usual);
}

/** Domain and release as views have them: without what is not given. */
export function viewOf<Domain>({ domain, release }: { domain: Domain; release?: string | undefined }) {
  return { domain, ...(release !== undefined && { release }) };
}
