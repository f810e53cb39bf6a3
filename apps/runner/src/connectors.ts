import { cisaKev } from "@cti-connectors/cisa-kev";
import type { CommandLineOptions } from "@cti-connectors/command-line";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { malwareLinks } from "@cti-connectors/pivot";
import { threatfox } from "@cti-connectors/threatfox";

/** In the order in which they run: what links the others comes last. */
export const connectors: CommandLineOptions["connectors"] = [mitreTaxii, threatfox, cisaKev, malwareLinks];
