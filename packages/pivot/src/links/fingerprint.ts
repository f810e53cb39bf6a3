import { hash } from "node:crypto";
import type { StoreReader } from "@cti-connectors/core";
import { findSuccessors } from "@cti-connectors/mitre-taxii";
import { z } from "zod";
import { softwareFilter } from "../documents/stored-software.js";
import { linkExceptions } from "./exceptions.js";

/** Raise it whenever the rules change: the next run then links everything again. */
const rulesVersion = 3;

/** How much of what links are made of is stored. */
export interface LinkSources {
  readonly software: number;
  readonly families: number;
  /** Another one wherever software, families, the rules or the table have changed. */
  readonly fingerprint: string;
}

const storedHash = z.object({ _id: z.string(), content_hash: z.string() });
const storedId = z.object({ data: z.object({ objects: z.tuple([z.object({ id: z.string() })]) }) });

/** Reads only the hashes of what links are made of. */
export async function readLinkSources(store: StoreReader): Promise<LinkSources> {
  const software = await readHashes(store, "objects", softwareFilter);
  const families = await readHashes(store, "threatfox_malware", { removed_at: null });
  const revoked: string[] = [];
  const filter = { ...softwareFilter, "enriched.revoked": true };
  for await (const document of store.find("objects", filter, { projection: { "data.objects.id": 1 } })) {
    revoked.push(storedId.parse(document).data.objects[0].id);
  }
  const successors = [...(await findSuccessors(store, revoked, { removed_at: null }))].map((pair) =>
    pair.join(" "),
  );
  const parts = [[JSON.stringify([rulesVersion, linkExceptions])], software, families, successors];
  const fingerprint = hash("sha256", parts.map((part) => part.toSorted().join("\n")).join("\n\n"));
  return { software: software.length, families: families.length, fingerprint };
}

async function readHashes(
  store: StoreReader,
  collection: string,
  filter: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  const hashes: string[] = [];
  for await (const document of store.find(collection, filter, { projection: { content_hash: 1 } })) {
    const { _id, content_hash } = storedHash.parse(document);
    hashes.push(`${_id} ${content_hash}`);
  }
  return hashes;
}
