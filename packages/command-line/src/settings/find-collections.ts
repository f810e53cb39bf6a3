import type { ConfiguredConnector } from "@cti-connectors/core/host";

/** What the collections are called that settings can name. */
export interface NamedCollections {
  readonly iocs: string;
  readonly vulnerabilities: string;
}

/** Finds them by the connectors of the program. A connector that is missing has loaded nothing: its collection has the usual name. */
export function findCollections(
  configured: readonly Pick<ConfiguredConnector, "name" | "steps">[],
): NamedCollections {
  const collectionOf = (connector: string, step: string) =>
    configured
      .find(({ name }) => name === connector)
      ?.steps.find(({ name }) => name === step)
      ?.collections.at(0)?.name;
  return {
    iocs: collectionOf("threatfox", "iocs") ?? "threatfox_raw",
    vulnerabilities: collectionOf("cisa-kev", "vulnerabilities") ?? "kev",
  };
}
