import { join } from "node:path";
import type { Connector } from "@cti-connectors/core/host";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { threatfox } from "@cti-connectors/threatfox";
import type { ProgramFolders } from "../settings/program-folders.js";
import type { Program } from "../settings/surroundings.js";

/** Those that the tests of the command line are about, whatever `apps/runner` has beside them. */
export const connectors: readonly Connector[] = [mitreTaxii, threatfox];

/** A program with another name. */
export const program: Program = { connectors, command: "cti", quietCommand: "cti" };

/** Settings and data of a program in a folder of a test. */
export function foldersIn(folder: string): ProgramFolders {
  return { config: folder, data: join(folder, "data") };
}
