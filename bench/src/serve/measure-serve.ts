import { execFile } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { z } from "zod";
import type { BenchOptions } from "../bench-options.js";
import { keepDatabase } from "../lookup/keep-database.js";
import { startWatched } from "../process/run-watched.js";
import { findReleases } from "../requests/find-releases.js";
import { formatClients, formatPages } from "./format-serve.js";
import { type ClientsResult, type CollectionSize, measureClients } from "./measure-clients.js";
import { measurePages, type PageOfServer } from "./measure-pages.js";
import { readPages } from "./read-page.js";

export interface ServeResult {
  readonly source: string;
  readonly pages: readonly PageOfServer[];
  readonly load: ClientsResult;
  /** Peak anonymous memory of the server's process. */
  readonly memoryMB: number;
}

const clients = 50;
const enterprise = "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019";
const server = fileURLToPath(new URL("serve-alone.mjs", import.meta.url));
const start = fileURLToPath(new URL("../../../apps/runner/start.mjs", import.meta.url));
/** As the runner's own process has them. */
const flags = ["--heap-growing-percent=50"];

/** How fast stored ATT&CK is served over TAXII from the embedded database: to one client, and to many at the same time. */
export async function measureServe({ records, rounds, seconds, print }: BenchOptions): Promise<ServeResult> {
  const releases = await findReleases();
  try {
    // Builds what the server's process imports.
    await promisify(execFile)(process.execPath, [start, "--version"]);
    const attackFiles = [...releases.others, releases.newerIcs];
    const database = await keepDatabase({ records, attackFiles });
    const { process: child, ended } = await startWatched([...flags, server, database], {
      LOG_LEVEL: "error",
    });
    try {
      const url = z.url().parse((await once(child, "message"))[0]);
      const pages = await measurePages(new URL(`/api/v21/collections/${enterprise}/`, url), rounds);
      print(`\n${releases.source}\n${formatPages(pages)}`);
      const load = await measureClients(await readSizes(url), { clients, seconds });
      child.send("end");
      const { memoryMB } = await ended;
      print(`\n${formatClients(load, memoryMB)}`);
      return { source: releases.source, pages, load, memoryMB };
    } finally {
      child.kill();
    }
  } finally {
    await releases.remove();
  }
}

const listing = z.object({ collections: z.array(z.object({ id: z.string() })) });

/** The collections of ATT&CK, and how many objects each has. */
async function readSizes(server: string): Promise<readonly CollectionSize[]> {
  const collections = new URL("/api/v21/collections/", server);
  const answer = await fetch(collections, { headers: { accept: "application/taxii+json;version=2.1" } });
  const sizes: CollectionSize[] = [];
  for (const { id } of listing.parse(await answer.json()).collections) {
    const url = new URL(`${id}/`, collections);
    let objects = 0;
    for await (const page of readPages(new URL("manifest/?limit=2000", url))) {
      objects += page.objects;
    }
    sizes.push({ url, objects });
  }
  return sizes;
}
