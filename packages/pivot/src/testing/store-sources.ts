import { defineConnector, type StepDocument } from "@cti-connectors/core";
import type { Store } from "@cti-connectors/core/host";
import { runInTest } from "@cti-connectors/core/testing";
import { z } from "zod";

/** A document of a collection that another connector loads. */
export type SourceDocument = Pick<StepDocument, "_id" | "data" | "enriched">;

/** Stores documents as the connectors that the links read from would, and marks all others of the collection as withdrawn. */
export async function storeSources(
  store: Store,
  collection: string,
  documents: readonly SourceDocument[],
): Promise<void> {
  const connector = defineConnector({
    name: `loads-${collection.replaceAll("_", "-")}`,
    summary: "stores what a test wants to link",
    config: z.object({}),
    steps: ({ step }) => [
      step({
        name: "documents",
        summary: "all documents",
        collection,
        indexes: [{ "enriched.malware": 1 }, { ingested_at: 1, _id: 1 }, { "enriched.type": 1 }],
        record: z.custom<SourceDocument>(),
        async *extract() {
          const listed = new Set(documents.map(({ _id }) => _id));
          yield { records: documents, listings: [{ listed, acceptsRemovals: true }] };
        },
        transform: (document) => document,
      }),
    ],
  });
  const { connector: report } = await runInTest({ connector, environment: {}, store });
  if (report.status !== "ok") {
    throw new Error(report.reason);
  }
}

/** A family of ThreatFox's list, or of an IOC. */
export function familyDocument(
  malware: string,
  name: string,
  aliases: readonly string[] = [],
): SourceDocument {
  return { _id: malware, data: { malware_printable: name }, enriched: { malware, name, aliases } };
}

export function iocDocument(id: string, malware: string, name: string): SourceDocument {
  return { _id: id, data: { id }, enriched: { malware, malware_name: name, aliases: [] } };
}

export function softwareDocument(
  attackId: string,
  name: string,
  enriched: Readonly<Record<string, string | boolean | readonly string[]>> = {},
): SourceDocument {
  return {
    _id: `x-mitre-collection--1--malware--${attackId}`,
    data: {
      objects: [
        {
          id: `malware--${attackId}`,
          external_references: [
            { source_name: "mitre-attack", external_id: attackId },
            {
              source_name: "Malpedia",
              url: `https://malpedia.caad.fkie.fraunhofer.de/details/win.of_${attackId}`,
            },
          ],
        },
      ],
    },
    enriched: { type: "malware", attack_id: attackId, name, platforms: ["Windows"], ...enriched },
  };
}
