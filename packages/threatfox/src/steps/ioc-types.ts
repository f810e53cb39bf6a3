import { parseText } from "../record/parse-text.js";
import { defineReferenceList } from "./reference-list.js";

export const typesCollection = "threatfox_types";

/** Loads all pairs of IOC type and threat type, with ThreatFox's number as `_id`. */
export const iocTypes = defineReferenceList({
  name: "types",
  summary: "types of IOCs and threats",
  query: "types",
  collection: typesCollection,
  indexes: [{ key: { "enriched.ioc_type": 1 } }],
  enrich: (_number, { ioc_type, fk_threat_type, description }) => ({
    ioc_type: parseText(ioc_type),
    threat_type: parseText(fk_threat_type),
    description: parseText(description),
  }),
});
