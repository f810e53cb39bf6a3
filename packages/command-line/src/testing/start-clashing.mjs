// `start-cti.mjs` with one more connector, which has the name, the setting and the option that the environment says.
import { env } from "node:process";
import { defineConnector } from "@cti-connectors/core";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { threatfox } from "@cti-connectors/threatfox";
import { z } from "zod";
import { runCommandLine } from "../../dist/index.js";

const { CLASHING_NAME = "acme", CLASHING_SETTING = "ACME_URL", CLASHING_OPTION = "since" } = env;

const acme = defineConnector({
  name: CLASHING_NAME,
  summary: "a test",
  config: z.object({ [CLASHING_SETTING]: z.string().optional() }),
  options: { [CLASHING_OPTION]: { summary: "a test", apply: (config) => config } },
  steps: [],
});

await runCommandLine({
  connectors: [mitreTaxii, threatfox, acme],
  command: "cti",
  folder: import.meta.dirname,
});
