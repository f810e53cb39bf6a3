import { z } from "zod";
import { compareReleaseVersions, isReleaseVersion } from "./release-version.js";

/** All releases from the one to the other, both included, as far as the server has them. */
export interface ReleaseRange {
  readonly from: string;
  readonly to: string;
}

/** Which releases to load: what the server calls the latest, all that it has pinned, or these. */
export type ReleaseSelection = "latest" | "all" | readonly (string | ReleaseRange)[];

const expected =
  "must be latest, all, or releases and ranges of them separated by commas, such as 17.1,18.1 or 16.1..18.1";

/** Reads `latest`, `all`, `17.1,18.1`, `16.1..18.1` and mixtures of versions and ranges; give its default with `.prefault("latest")`. */
export const releasesSetting = z.string({ error: expected }).transform((text, context): ReleaseSelection => {
  const selection = parseReleases(text);
  if (typeof selection !== "object" || "length" in selection) {
    return selection;
  }
  context.addIssue({ code: "custom", message: selection.fault });
  return z.NEVER;
});

function parseReleases(text: string): ReleaseSelection | { readonly fault: string } {
  const items = text
    .toLowerCase()
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
  const [first] = items;
  if (first === undefined) {
    return { fault: expected };
  }
  if (items.length === 1 && (first === "latest" || first === "all")) {
    return first;
  }
  const selection: (string | ReleaseRange)[] = [];
  for (const item of items) {
    if (item === "latest" || item === "all") {
      return { fault: `${expected}; ${item} cannot be combined with others` };
    }
    const [from = "", to = from, ...rest] = item.split("..").map((end) => end.trim());
    if (rest.length > 0 || !isReleaseVersion(from) || !isReleaseVersion(to)) {
      return { fault: `${expected}; "${item}" is neither a release nor a range` };
    }
    if (compareReleaseVersions(from, to) > 0) {
      return { fault: `${expected}; "${item}" ends before it starts: write ${to}..${from}` };
    }
    selection.push(item.includes("..") ? { from, to } : item);
  }
  return selection;
}
