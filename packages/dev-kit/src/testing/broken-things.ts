import { setTimeout as delay } from "node:timers/promises";
import { isJsonObject } from "@cti-connectors/core";
import type { Connector } from "@cti-connectors/core/host";
import { z } from "zod";
import {
  askForPage,
  defineThings,
  extractThings,
  idsOf,
  type ThingsContext,
  type ThingsPages,
  thing,
  thingsConfig,
  thingsDemo,
  thingsPage,
  transformThing,
} from "./things.js";

/** A connector of things with one fault. */
export interface BrokenConnector {
  /** What it does wrong, as a sentence without its subject. */
  readonly fault: string;
  readonly connector: Connector;
  /** Which checks find it, and the message of each. */
  readonly found: Readonly<Record<string, RegExp>>;
}

const start: { page: number; ids: string[] } = { page: 0, ids: [] };

export const brokenConnectors: readonly BrokenConnector[] = [
  {
    fault: "saves its checkpoint before its records are stored",
    connector: defineThings({ extract: checkpointFirst }),
    found: {
      "resumes after a kill after any page":
        /^a run killed after page 1 of 6, .* \(missing: things\/thing-0, .* and 1 more\)\. The checkpoint is ahead of what is stored: yield it with the page whose records it covers/,
      "stops soon if it is interrupted while it loads":
        /^after an interrupted run, .*missing: things\/thing-0/,
    },
  },
  {
    fault: "lists only what it saw since it resumed",
    connector: defineThings({
      extract: (context) =>
        extractThings({ ...context, checkpoint: context.checkpoint && { ...context.checkpoint, ids: [] } }),
    }),
    found: {
      "resumes after a kill after any page":
        /^a run killed after page 1 of 3, .* in removed\)\. A run that resumes has not seen the pages before its checkpoint: keep their ids/,
    },
  },
  {
    fault: "starts over every time",
    connector: defineThings({
      extract: (context) => extractThings({ ...context, checkpoint: undefined }),
    }),
    found: {
      "resumes after a kill after any page":
        /^a run does not resume after it was killed after page 2 of 3: the next one sent 3 requests, a whole run sends 3\. Yield each page with a `checkpoint`/,
    },
  },
  {
    fault: "makes up its ids",
    connector: defineThings({ transform: (one) => ({ ...transformThing(one), _id: crypto.randomUUID() }) }),
    found: {
      "makes the same documents from the same records in another database":
        /^the same records have different _ids in another database .*Derive `_id` from what identifies the record/,
      "writes nothing when it runs again": /^a second run .*\(added: things\/.*depend only on the record/,
    },
  },
  {
    fault: "restores another record than the upstream sent",
    connector: defineThings({
      restore: {
        version: 1,
        record: ({ data }) => ({ ...thing.parse(data), added: "2025-12-31" }),
      },
    }),
    found: {
      "makes the same documents again of what is stored":
        /^`restore` makes other documents .* \(different: things\/thing-0, .* in data\.added\)\. `restore\.record` must return/,
    },
  },
  {
    fault: "puts the time of the run into enriched",
    connector: defineThings({
      transform: (one) => {
        const document = transformThing(one);
        return { ...document, enriched: { ...document.enriched, loaded_at: new Date() } };
      },
    }),
    found: {
      "writes nothing when it runs again":
        /^a second run found the upstream unchanged, but still changed documents \(different: things\/thing-0, .* in enriched\.loaded_at\)/,
    },
  },
  {
    fault: "stores what its schema leaves of a record",
    connector: defineThings({
      transform: (one) => ({ ...transformThing(one), data: z.object(thing.shape).parse(one) }),
    }),
    found: {
      "loses no record and no field":
        /^a field that the upstream adds to its records \(x_conformance_suite\) is in no document's `data`: .*Leave `data` out/,
    },
  },
  {
    fault: "throws a page away for one bad record",
    connector: defineThings({ extract: parseWholePages }),
    found: {
      "quarantines invalid records and stores the rest":
        /^2 of 14 records are invalid, and the run ended as failed: things: .*`extract` must not parse them$/s,
    },
  },
  {
    fault: "drops bad records silently",
    connector: defineThings({ extract: dropBadRecords }),
    found: {
      "quarantines invalid records and stores the rest":
        /^2 of 2 invalid records are not in etl_rejected, so nobody notices them/,
    },
  },
  {
    fault: "lists only what it could understand",
    connector: defineThings({ extract: listGoodRecords }),
    found: {
      "keeps the document of a record that becomes invalid":
        /stored document was changed: things\/thing-6\. Take the ids of `lists` from the records as received/,
    },
  },
  {
    fault: "never withdraws",
    connector: defineThings({ extract: listNothing }),
    found: {
      "marks what the upstream no longer lists, and restores it":
        /^the upstream no longer lists record\(6\), but its document is not marked as removed: things\/thing-6\. On the last page, set `lists`/,
      "changes nothing when the upstream suddenly lists nothing": /ended as ok without a warning/,
    },
  },
  {
    fault: "withdraws what is on other pages",
    connector: defineThings({ extract: listEachPage }),
    found: {
      "stores every record as a complete document":
        /^things\/thing-0: is marked as withdrawn after the first run, although the upstream lists it\. .*collect the ids of all pages/,
    },
  },
  {
    fault: "accepts whatever removals come",
    connector: defineThings({ extract: acceptRemovals }),
    found: {
      "changes nothing when the upstream suddenly lists nothing":
        /^the upstream suddenly listed nothing, and the run changed 12 documents: .*Set `acceptsRemovals` only if/,
    },
  },
  {
    fault: "never brings back what it has withdrawn",
    connector: defineThings({ extract: skipWhatWasSeen }),
    found: {
      "marks what the upstream no longer lists, and restores it":
        /^the upstream lists record\(6\) again, but its document differs from before \(different: things\/thing-6 in removed\): yield the record/,
    },
  },
  {
    fault: "loses the last page",
    connector: defineThings({ extract: loseLastPage }),
    found: {
      "loses no record and no field":
        /^4 of 12 records are in no document: record\(8\), record\(9\), record\(10\) and 1 more\. They are the last ones/,
    },
  },
  {
    fault: "makes documents for a collection that it does not declare",
    connector: defineThings({ transform: (one) => ({ ...transformThing(one), collection: "others" }) }),
    found: {
      "stores every record as a complete document":
        /transform returned a document for the collection others, but the step loads into things/,
    },
  },
  {
    fault: "takes an error for the end of the upstream",
    connector: defineThings({ extract: endWithErrors }),
    found: {
      "says so when a request fails, and loads the rest later":
        /^request 1 of a run was answered with 404, but the run ended as ok without all documents \(missing: things\/thing-0, .*\), so nobody notices .*Do not catch the errors of `http`/,
    },
  },
  {
    fault: "leaves out a page that fails, and lists the others",
    connector: defineThings({ extract: leaveOutFailedPages }),
    found: {
      "says so when a request fails, and loads the rest later":
        /^request 1 of a run was answered with 404, and the next run, with nothing failing, did not complete|^request \d of a run .* that changed what was stored before/,
    },
  },
  {
    fault: "tries three times by itself",
    connector: defineThings({ extract: tryThreeTimes }),
    found: {
      "says so when a request fails, and loads the rest later":
        /^request 2 of a run was answered with 500 with retries turned off, but the connector sent it again/,
    },
  },
  {
    fault: "remembers in its module which page comes next",
    connector: defineThings({ extract: rememberPage() }),
    found: {
      "resumes after a crash before a page is stored":
        /^a run killed before the documents of page 1 of 3, .*\(missing: things\/thing-0.*never in a file or a module variable$/,
    },
  },
  {
    fault: "remembers in its module what it has seen",
    connector: defineThings({ extract: rememberRecords() }),
    found: {
      "makes the same documents from the same records in another database":
        /^a run into an empty database stored nothing, .* remembers that in a module variable/,
    },
  },
  {
    fault: "stores the place of a record on its page",
    connector: defineThings({
      extract: (context) =>
        withRecords(context, (records) =>
          records.map((record, place) => (isJsonObject(record) ? { ...record, place } : record)),
        ),
    }),
    found: {
      "makes the same documents from the same records in another database":
        /^the same records in reverse order result in different documents \(different: things\/thing-0, .* in data\.place\)/,
    },
  },
  {
    fault: "stores the day of the run",
    connector: defineThings({
      transform: (one) => ({
        ...transformThing(one),
        enriched: { day: new Date().toISOString().slice(0, "2026-01-31".length) },
      }),
    }),
    found: {
      "makes the same documents a day later":
        /^a run 36 hours later .* \(different: things\/thing-0, .* in enriched\.day\)\. Do not use today's date/,
    },
  },
  {
    fault: "reads its settings from the environment of the process",
    connector: defineThings({
      extract: ({ config, ...context }) =>
        extractThings({
          ...context,
          config: { ...config, THINGS_URL: process.env.THINGS_URL ?? config.THINGS_URL },
        }),
    }),
    found: {
      "reads its settings only from its configuration":
        /^other values of THINGS_URL, THINGS_KEY in the environment of the process changed .*never from process\.env$/,
    },
  },
  {
    fault: "sends its requests with fetch",
    connector: defineThings({ extract: useFetch }),
    found: {
      "sends every request within its budget":
        /^the upstream received 3 requests, but the report of the run counts 0: send all of them with `http`/,
    },
  },
  {
    fault: "does not say that its key is a secret",
    connector: defineThings({
      config: z.object({ ...thingsConfig.shape, THINGS_KEY: z.string().describe("The key for the things") }),
    }),
    found: {
      "has valid names, summaries and settings":
        /^the setting THINGS_KEY has a secret that would be printed and stored: add .*\.meta\(\{ secret: true \}\)$/,
    },
  },
  {
    fault: "prints its key",
    connector: defineThings({ extract: printKey }),
    found: {
      "shows and stores no secret":
        /^a secret of the settings is in what was printed to standard output or standard error, when records contain it: …asking with <the secret>/,
    },
  },
  {
    fault: "tries again by itself, whatever happens",
    connector: defineThings({ extract: tryForever }),
    found: {
      "stops soon if it is interrupted while a request hangs":
        /^the step things did not end when the run was interrupted, so core abandoned it after \d+\.\d s\. Do not catch the errors of `http`/,
    },
  },
  {
    fault: "has a demo that answers nothing",
    connector: defineThings({
      demo: { ...thingsDemo, answer: () => Response.json({ things: [], next: null }) },
    }),
    found: { "loads something without network, and answers its questions": /^the demo loaded nothing/ },
  },
  {
    fault: "has a demo that shows what there is not",
    connector: defineThings({
      demo: {
        ...thingsDemo,
        questions: [{ question: "What?", step: "things", filter: {}, columns: { owner: "enriched.owner" } }],
      },
    }),
    found: {
      "loads something without network, and answers its questions":
        /^the demo's questions: "What\?" has the column "owner", but no document that it finds has the field enriched\.owner$/,
    },
  },
];

async function* checkpointFirst(context: ThingsContext): ThingsPages {
  for await (const page of extractThings(context)) {
    if ("records" in page && page.checkpoint !== undefined) {
      const { checkpoint, ...rest } = page;
      yield { checkpointOnly: checkpoint };
      yield rest;
    }
  }
}

async function* withRecords(
  context: ThingsContext,
  change: (records: readonly unknown[]) => readonly unknown[],
): ThingsPages {
  for await (const page of extractThings(context)) {
    yield "records" in page ? { ...page, records: change(page.records) } : page;
  }
}

function parseWholePages(context: ThingsContext): ThingsPages {
  return withRecords(context, (records) => z.array(thing).parse(records));
}

const isGood = (record: unknown) => thing.safeParse(record).success;

function dropBadRecords(context: ThingsContext): ThingsPages {
  return withRecords(context, (records) => records.filter(isGood));
}

async function* listGoodRecords(context: ThingsContext): ThingsPages {
  const bad = new Set<string>();
  for await (const page of extractThings(context)) {
    if ("records" in page) {
      for (const id of idsOf(page.records.filter((record) => !isGood(record)))) {
        bad.add(id);
      }
      const { lists, ...rest } = page;
      yield lists === undefined ? rest : { ...rest, lists: [...lists].filter((id) => !bad.has(id)) };
    }
  }
}

async function* listNothing(context: ThingsContext): ThingsPages {
  for await (const page of extractThings(context)) {
    if ("records" in page) {
      const { lists: _, ...rest } = page;
      yield rest;
    }
  }
}

async function* listEachPage(context: ThingsContext): ThingsPages {
  for await (const page of extractThings(context)) {
    yield "records" in page ? { ...page, lists: idsOf(page.records) } : page;
  }
}

async function* acceptRemovals(context: ThingsContext): ThingsPages {
  for await (const page of extractThings(context)) {
    if ("records" in page) {
      const { lists, ...rest } = page;
      yield lists === undefined
        ? rest
        : { ...rest, listings: [{ listed: new Set(lists), acceptsRemovals: true }] };
    }
  }
}

/** What it has loaded once is not loaded again, for as long as it stays the same. */
async function* skipWhatWasSeen(context: ThingsContext): ThingsPages {
  const seen = new Set(context.checkpoint?.ids);
  const ids: string[] = [];
  for await (const page of extractThings({ ...context, checkpoint: undefined })) {
    if ("records" in page) {
      ids.push(...idsOf(page.records));
      const records = page.records.filter((record) => !seen.has(JSON.stringify(record)));
      const known = new Set([...seen, ...page.records.map((record) => JSON.stringify(record))]);
      for (const record of known) {
        seen.add(record);
      }
      yield {
        records,
        checkpoint: { page: 0, ids: [...known] },
        ...(page.lists !== undefined && { lists: ids }),
      };
    }
  }
}

async function* endWithErrors(context: ThingsContext): ThingsPages {
  try {
    yield* extractThings(context);
  } catch {
    // As an author would who takes a 404 for the page behind the last one.
  }
}

async function* leaveOutFailedPages({ config, http, log }: ThingsContext): ThingsPages {
  const ids: string[] = [];
  for (let page = 0; page < 3; page += 1) {
    const { things } = await askForPage(config, http, page).catch(() => {
      log.warn({ page }, "a page was left out");
      return { things: [] };
    });
    ids.push(...idsOf(things));
    yield { records: things, ...(page === 2 && { lists: ids }) };
  }
}

function tryThreeTimes({ http, ...context }: ThingsContext): ThingsPages {
  const request: typeof http.request = (url, options) =>
    http.request(url, options).catch(() => http.request(url, options));
  return extractThings({ ...context, http: { ...http, request } });
}

function rememberPage() {
  let page = 0;
  return async function* ({ config, http }: ThingsContext): ThingsPages {
    for (;;) {
      const { things, next } = await askForPage(config, http, page);
      page = next ?? 0;
      yield { records: things, checkpoint: start };
      if (next === null) {
        return;
      }
    }
  };
}

function rememberRecords() {
  const seen = new Set<string>();
  return (context: ThingsContext) =>
    withRecords(context, (records) => {
      const fresh = records.filter((record) => !seen.has(JSON.stringify(record)));
      for (const record of fresh) {
        seen.add(JSON.stringify(record));
      }
      return fresh;
    });
}

async function* loseLastPage({ config, http, checkpoint }: ThingsContext): ThingsPages {
  let { page } = checkpoint ?? start;
  for (;;) {
    const { things, next } = await askForPage(config, http, page);
    if (next === null) {
      return;
    }
    yield { records: things, checkpoint: { page: next, ids: [] } };
    page = next;
  }
}

async function* useFetch({ config, checkpoint }: ThingsContext): ThingsPages {
  let { page, ids } = checkpoint ?? start;
  for (;;) {
    const response = await fetch(new URL(`?page=${page}`, config.THINGS_URL), {
      headers: { "x-key": config.THINGS_KEY },
    });
    const { things, next } = thingsPage.parse(await response.json());
    ids = [...ids, ...idsOf(things)];
    if (next === null) {
      yield { records: things, lists: ids, checkpoint: start };
      return;
    }
    yield { records: things, checkpoint: { page: next, ids } };
    page = next;
  }
}

function printKey(context: ThingsContext): ThingsPages {
  process.stdout.write(`asking with ${context.config.THINGS_KEY}\n`);
  return extractThings(context);
}

async function* tryForever(context: ThingsContext): ThingsPages {
  for (;;) {
    try {
      yield* extractThings(context);
      return;
    } catch {
      await delay(60_000, undefined, { ref: false });
    }
  }
}
