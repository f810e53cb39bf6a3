// The program that tests start: built, so that it starts as quickly as for a user.
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { threatfox } from "@cti-connectors/threatfox";
import { runCommandLine } from "../../dist/index.js";

await runCommandLine({
  connectors: [mitreTaxii, threatfox],
  command: "cti",
  folder: import.meta.dirname,
});
