import {
  defineConnector,
  type ExtractContext,
  type ExtractedPage,
  type HttpClient,
  isJsonObject,
  type JsonObject,
  type Restore,
  type StepDocument,
  urlSetting,
} from "@cti-connectors/core";
import type { Connector } from "@cti-connectors/core/host";
import { z } from "zod";
import type { ConformanceSubject, SubjectUpstream } from "../trial/subject.js";

const pageSize = 4;

export const thingsConfig = z.object({
  THINGS_URL: urlSetting().describe("Where the things are"),
  THINGS_KEY: z.string().meta({ secret: true }).describe("The key for the things"),
});
export type ThingsConfig = z.output<typeof thingsConfig>;

export const thing = z.looseObject({ id: z.string(), name: z.string(), added: z.iso.date() });

export const thingsPage = z.object({ things: z.array(z.unknown()), next: z.number().nullable() });

/** The number of the next page, and the ids on the pages before it. */
const thingsCheckpoint = z.object({ page: z.number(), ids: z.array(z.string()) });

export const idsOf = (records: readonly unknown[]): string[] =>
  records.flatMap((record) => (isJsonObject(record) && typeof record.id === "string" ? [record.id] : []));

/** Asks for one page, from 0. */
export async function askForPage({ THINGS_URL }: ThingsConfig, http: HttpClient, page: number) {
  const { body } = await http.request(new URL(`?page=${page}`, THINGS_URL));
  return thingsPage.parse(JSON.parse(body));
}

const thingsSettings: SubjectUpstream["settings"] = ({ url, key }) => ({
  THINGS_URL: url,
  THINGS_KEY: key,
});

/** The upstream: four things a page, and a key that it wants. */
const answerThings: SubjectUpstream["answer"] = (request, records) => {
  if (request.headers.get("x-key") === null) {
    return new Response("a key, please", { status: 401 });
  }
  const page = Number(new URL(request.url).searchParams.get("page"));
  const end = (page + 1) * pageSize;
  return Response.json({
    things: records.slice(end - pageSize, end),
    next: end < records.length ? page + 1 : null,
  });
};

const thingOf = (n: number): JsonObject => ({ id: `thing-${n}`, name: `Thing ${n}`, added: "2026-01-01" });

export const thingsDemo = {
  settings: thingsSettings,
  answer: (request: Request) => answerThings(request, [thingOf(1), thingOf(2)]),
  questions: [
    {
      question: "What was added this year?",
      step: "things",
      filter: { "enriched.added": { $gte: new Date("2026-01-01") } },
      columns: { name: "enriched.name" },
    },
  ],
};

export type Thing = z.output<typeof thing>;
export type ThingsContext = ExtractContext<ThingsConfig, z.output<typeof thingsCheckpoint>>;
export type ThingsPages = AsyncGenerator<ExtractedPage<z.output<typeof thingsCheckpoint>>>;

/** Asks for all pages, from the one where the last run ended. */
export async function* extractThings({ config, http, checkpoint }: ThingsContext): ThingsPages {
  let { page, ids } = checkpoint ?? { page: 0, ids: [] };
  for (;;) {
    const { things, next } = await askForPage(config, http, page);
    ids = [...ids, ...idsOf(things)];
    if (next === null) {
      yield { records: things, lists: ids, checkpoint: { page: 0, ids: [] } };
      return;
    }
    yield { records: things, checkpoint: { page: next, ids } };
    page = next;
  }
}

export const transformThing = ({ id, name, added }: Thing): StepDocument => ({
  _id: id,
  enriched: { name, added: new Date(added) },
});

/** What a broken connector does in its own way. */
interface ThingsParts {
  readonly config?: typeof thingsConfig;
  readonly demo?: NonNullable<Connector["demo"]>;
  readonly extract?: (context: ThingsContext) => ThingsPages;
  readonly transform?: (thing: Thing) => StepDocument;
  readonly restore?: Restore;
}

/** Without parts of its own, it gets everything right. */
export function defineThings({
  config = thingsConfig,
  demo = thingsDemo,
  extract = extractThings,
  transform = transformThing,
  restore = { version: 1, record: ({ data }) => data },
}: ThingsParts = {}): Connector {
  return defineConnector({
    name: "things",
    summary: "Things, for the tests of the conformance suite",
    ...{ config, demo },
    http: ({ THINGS_URL, THINGS_KEY }) => ({
      origin: new URL(THINGS_URL).origin,
      headers: { "x-key": THINGS_KEY },
    }),
    steps: ({ step }) => [
      step({
        name: "things",
        summary: "all things",
        collection: "things",
        record: thing,
        checkpoint: thingsCheckpoint,
        ...{ extract, transform, restore },
      }),
    ],
  });
}

export function subjectOf(connector: Connector): ConformanceSubject {
  return {
    connector,
    upstream: {
      answer: answerThings,
      settings: thingsSettings,
      record: thingOf,
      change: (record) => ({ ...record, name: `${String(record.name)}, changed` }),
      invalid: ({ name: _, ...record }) => record,
    },
    pages: 3,
  };
}
