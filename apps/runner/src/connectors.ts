import { cisaKev } from "@cti-connectors/cisa-kev";
import type { CommandLineOptions } from "@cti-connectors/command-line";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { threatfox } from "@cti-connectors/threatfox";

/** In the order in which they run. */
export const connectors: CommandLineOptions["connectors"] = [mitreTaxii, threatfox, cisaKev];
