import type { Connector } from "@cti-connectors/core";
import { mitreTaxii } from "@cti-connectors/mitre-taxii";
import { threatfox } from "@cti-connectors/threatfox";

/** The connectors of this program, in the order in which they run. */
export const connectors: readonly Connector[] = [mitreTaxii, threatfox];
