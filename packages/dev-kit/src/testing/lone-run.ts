import { defineConnector } from "@cti-connectors/core";
import { z } from "zod";
import { runAlone } from "../run-alone.js";

const config = z.object({
  THINGS_URL: z.string(),
  THINGS_KEY: z.string().meta({ secret: true }),
});

await runAlone({
  connector: defineConnector({
    name: "things",
    summary: "things",
    config,
    steps: ({ step }) => [
      step({
        name: "things",
        summary: "things",
        collection: "things",
        record: z.object({ id: z.string() }),
        async *extract({ config: { THINGS_URL, THINGS_KEY }, log }) {
          log.info({ url: THINGS_URL, key: THINGS_KEY }, "one thing comes, then none");
          yield { records: [{ id: "a" }] };
          throw new Error(`no more things with ${THINGS_KEY}`);
        },
        transform: ({ id }) => ({ _id: id, enriched: { name: id } }),
      }),
    ],
  }),
  environment: ({ taxiiUrl, authKey }) => ({ THINGS_URL: taxiiUrl, THINGS_KEY: authKey }),
  async *show(stored) {
    for await (const { _id, enriched } of stored.find("things", {})) {
      yield `${_id} ${JSON.stringify(enriched)}`;
    }
  },
});
