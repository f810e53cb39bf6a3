import { get } from "node:http";
import { text } from "node:stream/consumers";
import { z } from "zod";

export interface ReadPage {
  readonly objects: number;
  readonly bytes: number;
  readonly milliseconds: number;
  /** Absent: this page is the last. */
  readonly next?: string;
}

const body = z.object({
  more: z.boolean().default(false),
  next: z.string().optional(),
  objects: z.array(z.looseObject({ id: z.string() })),
});

/**
 * Reads a page as a client does, to its last byte. On a connection of its own: a server may close one that waits for the next request just
 * when that is sent.
 *
 * @throws Error where it is not a page
 */
async function readPage(url: URL): Promise<ReadPage> {
  const startedAt = performance.now();
  const { status, content } = await request(url);
  const milliseconds = performance.now() - startedAt;
  if (status !== 200) {
    throw new Error(`${url} answered ${status}: ${content}`);
  }
  const { objects, more, next } = body.parse(JSON.parse(content));
  return {
    objects: objects.length,
    bytes: Buffer.byteLength(content),
    milliseconds,
    ...(more && next !== undefined && { next }),
  };
}

function request(url: URL): Promise<{ readonly status: number | undefined; readonly content: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers: { accept: "application/taxii+json;version=2.1" } }, (answer) => {
      text(answer).then((content) => resolve({ status: answer.statusCode, content }), reject);
    }).on("error", reject);
  });
}

/** One page after the other, to the last one. */
export async function* readPages(url: URL): AsyncGenerator<ReadPage, void, undefined> {
  let next: string | undefined;
  do {
    const page = new URL(url);
    if (next !== undefined) {
      page.searchParams.set("next", next);
    }
    const read = await readPage(page);
    yield read;
    next = read.next;
  } while (next !== undefined);
}
