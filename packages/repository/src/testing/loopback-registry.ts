import { serveOnLoopback } from "@cti-connectors/sandbox";
import { z } from "zod";

/** What npm and pnpm send to publish a package. */
const publication = z.object({
  name: z.string(),
  versions: z.record(z.string(), z.looseObject({ version: z.string(), dist: z.looseObject({}) })),
  _attachments: z.record(z.string(), z.object({ data: z.base64() })),
});

type Manifests = z.output<typeof publication>["versions"];

export interface LoopbackRegistry {
  /** Ends in `/`. */
  readonly url: string;
  /** Such as `@cti-connectors/core@0.1.0`, in the order in which they came. */
  readonly published: readonly string[];
  close(): Promise<void>;
}

/** A package registry on 127.0.0.1: takes what is published to it, and serves it. It holds nothing else. */
export async function serveRegistry(): Promise<LoopbackRegistry> {
  const packages = new Map<string, Manifests>();
  const tarballs = new Map<string, Buffer>();
  const published: string[] = [];

  const publish = (body: unknown, origin: string) => {
    const { name, versions, _attachments } = publication.parse(body);
    const known = packages.get(name) ?? {};
    if (Object.keys(versions).some((version) => version in known)) {
      return Response.json(
        { error: "You cannot publish over the previously published versions" },
        { status: 403 },
      );
    }
    for (const [file, { data }] of Object.entries(_attachments)) {
      tarballs.set(`/${name}/-/${file}`, Buffer.from(data, "base64"));
    }
    const [file = ""] = Object.keys(_attachments);
    for (const manifest of Object.values(versions)) {
      known[manifest.version] = {
        ...manifest,
        dist: { ...manifest.dist, tarball: `${origin}/${name}/-/${file}` },
      };
      published.push(`${name}@${manifest.version}`);
    }
    packages.set(name, known);
    return Response.json({ ok: true }, { status: 201 });
  };

  const server = await serveOnLoopback(async (request) => {
    const { pathname, origin } = new URL(request.url);
    const path = decodeURIComponent(pathname);
    if (request.method === "PUT") {
      return publish(await request.json(), origin);
    }
    const tarball = tarballs.get(path);
    if (tarball !== undefined) {
      return new Response(new Uint8Array(tarball));
    }
    const versions = packages.get(path.slice(1));
    return versions === undefined
      ? Response.json({ error: "Not found" }, { status: 404 })
      : Response.json({
          name: path.slice(1),
          "dist-tags": { latest: Object.keys(versions).at(-1) },
          versions,
        });
  });
  return { url: server.url, published, close: () => server.close() };
}
