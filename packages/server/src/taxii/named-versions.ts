import type { VersionFilter } from "@cti-connectors/taxii-server";

/** The versions that a filter names by their times, to the millisecond, if it asks for no others. */
export function namedVersions(versions: VersionFilter): readonly Date[] | undefined {
  return versions === "all" || versions.first || versions.last
    ? undefined
    : versions.timestamps.map((timestamp) => new Date(timestamp));
}
