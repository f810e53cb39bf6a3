import type { JsonObject } from "@cti-connectors/core";
import { serveOnLoopback } from "@cti-connectors/sandbox";
import { onTestFinished } from "vitest";

/** An entry of an invented vulnerability. */
export function entryOf(cveID: string, changes: JsonObject = {}): JsonObject {
  return {
    cveID,
    vendorProject: "Examplesoft",
    product: "Mail Server",
    vulnerabilityName: "Examplesoft Mail Server Path Traversal Vulnerability",
    dateAdded: "2026-11-03",
    shortDescription: "An invented vulnerability.",
    requiredAction: "None.",
    dueDate: "2026-11-24",
    knownRansomwareCampaignUse: "Unknown",
    notes: "https://advisories.example.com/1 ; https://advisories.example.com/2",
    cwes: ["CWE-22"],
    ...changes,
  };
}

/** Entries CVE-2026-1000, CVE-2026-1001 and so on. */
export function entriesOf(count: number): readonly JsonObject[] {
  return Array.from({ length: count }, (_, index) => entryOf(`CVE-2026-${1000 + index}`));
}

/** What is published, and what comes with it. */
interface Publication {
  readonly catalogVersion?: string;
  readonly dateReleased?: string;
  readonly count?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The conditions of a request. */
interface Asked {
  readonly ifNoneMatch: string | null;
  readonly ifModifiedSince: string | null;
}

/** A server on loopback that publishes a catalogue. It is closed when the test ends. */
export async function serveCatalogue() {
  const asked: Asked[] = [];
  let answer = (_: Asked) => new Response("nothing is published", { status: 404 });
  const server = await serveOnLoopback(({ headers }) => {
    const conditions = {
      ifNoneMatch: headers.get("if-none-match"),
      ifModifiedSince: headers.get("if-modified-since"),
    };
    asked.push(conditions);
    return answer(conditions);
  });
  onTestFinished(() => server.close());
  return {
    url: `${server.url}kev.json`,
    /** The requests so far. */
    asked,
    /** Publishes these entries. Who has them already, as the validators among `headers` say, gets 304. */
    publish(
      entries: readonly unknown[],
      {
        catalogVersion = "2026.11.03",
        dateReleased = catalogVersion,
        headers = {},
        ...more
      }: Publication = {},
    ) {
      const catalogue = {
        catalogVersion,
        dateReleased,
        count: entries.length,
        vulnerabilities: entries,
        ...more,
      };
      answer = ({ ifNoneMatch, ifModifiedSince }) =>
        (ifNoneMatch ?? ifModifiedSince) !== null &&
        [headers.etag, headers["last-modified"]].includes(ifNoneMatch ?? ifModifiedSince ?? "")
          ? new Response(null, { status: 304, headers })
          : Response.json(catalogue, { headers });
    },
    /** Answers every request with this. */
    answerWith(status: number, body: string) {
      answer = () => new Response(body, { status });
    },
  };
}
