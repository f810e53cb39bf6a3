import { readPages } from "./read-page.js";

/** What clients got that read at the same time. */
export interface ClientsResult {
  readonly clients: number;
  readonly seconds: number;
  readonly pages: number;
  readonly objects: number;
  readonly megabytes: number;
  /** From a request to the last byte of its page, in milliseconds, in order. */
  readonly milliseconds: readonly number[];
}

export interface CollectionSize {
  readonly url: URL;
  /** How many objects it has. */
  readonly objects: number;
}

/** The server's pages have 2,000 objects at most, and clients ask for more. */
const limits = [1_000, 2_000, 5_000];

/**
 * Lets clients read collections at the same time, manifests and objects, each in pages of another size and beginning with another
 * collection, again and again.
 *
 * @throws Error where a page is none, or the pages of a collection are not together the collection
 */
export async function measureClients(
  collections: readonly CollectionSize[],
  { clients, seconds }: { readonly clients: number; readonly seconds: number },
): Promise<ClientsResult> {
  const total = { pages: 0, objects: 0, bytes: 0 };
  const milliseconds: number[] = [];
  const startedAt = performance.now();
  const isOver = () => performance.now() - startedAt > seconds * 1_000;
  await Promise.all(Array.from({ length: clients }, (_, client) => readUntilOver(client)));
  return {
    clients,
    seconds: (performance.now() - startedAt) / 1_000,
    pages: total.pages,
    objects: total.objects,
    megabytes: total.bytes / 1e6,
    milliseconds: milliseconds.toSorted((one, other) => one - other),
  };

  async function readUntilOver(client: number): Promise<void> {
    for (let turn = client; !isOver(); turn += 1) {
      const collection = collections[turn % collections.length];
      const limit = limits[turn % limits.length];
      for (const what of ["manifest", "objects"]) {
        if (collection !== undefined) {
          await readCollection(collection, `${what}/?limit=${limit}`);
        }
      }
    }
  }

  async function readCollection({ url, objects }: CollectionSize, path: string): Promise<void> {
    let read = 0;
    for await (const page of readPages(new URL(path, url))) {
      read += page.objects;
      total.pages += 1;
      total.objects += page.objects;
      total.bytes += page.bytes;
      milliseconds.push(page.milliseconds);
      if (isOver()) {
        return;
      }
    }
    if (read !== objects) {
      throw new Error(`${url}${path} has ${objects} objects, and its pages had ${read}.`);
    }
  }
}
