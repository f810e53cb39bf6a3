import { compareReleaseVersions } from "../config/release-version.js";

/**
 * Whether the person asked for another release than the one that was current: an older one, or none where there was one. What that withdraws is
 * meant. A newer one comes by itself.
 *
 * @param before of the checkpoint: `null` where no releases were asked for, undefined where nothing is known
 * @param now undefined where no releases are asked for
 */
export function isAnotherChoice(before: string | null | undefined, now: string | undefined): boolean {
  if (before === undefined) {
    return false;
  }
  if (before === null || now === undefined) {
    return (before ?? undefined) !== now;
  }
  return compareReleaseVersions(now, before) < 0;
}
