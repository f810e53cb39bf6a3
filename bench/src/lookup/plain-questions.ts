import { foldName } from "@cti-connectors/core";
import { addressRange, parseIndicator } from "@cti-connectors/threatfox";
import type { MixedValue } from "./mixed-values.js";

/** A `find` as docs/querying.md has it. */
export interface PlainFind {
  readonly collection: string;
  readonly filter: Readonly<Record<string, unknown>>;
  /** Only the newest. */
  readonly sort?: Readonly<Record<string, -1>>;
  readonly limit?: number;
}

/** Of what has thousands of IOCs, a person looks at the newest. */
const newest = { sort: { "enriched.first_seen": -1 }, limit: 20 } as const;

/** What a person asks for a value, one after the other until something is found. */
export function questionsFor({ form, text }: MixedValue): readonly PlainFind[] {
  switch (form) {
    case "host":
      return [iocs("indicator.host", hostOf("ip:port", text) ?? hostOf("domain", text))];
    case "url":
      return [iocs("indicator.value", text), iocs("indicator.host", hostOf("url", text))];
    case "email":
      return [iocs("indicator.value", text), iocs("indicator.host", text.slice(text.indexOf("@") + 1))];
    case "hash":
      return [iocs("indicator.value", text)];
    case "network": {
      const range = addressRange(text);
      return [iocs("indicator.address", { $gte: range?.from, $lte: range?.to })];
    }
    case "attack-id":
      return [{ collection: "objects", filter: { "enriched.attack_id": text, removed_at: null } }];
    case "cve":
      return [{ collection: "kev", filter: { _id: text } }, iocs("folded_tags", foldName(text))];
    case "key":
      return [{ ...iocs("malware", text), ...newest }];
    case "name": {
      const filter = { "enriched.folded_names": foldName(text) };
      return [
        { collection: "malware_links", filter },
        { collection: "objects", filter: { ...filter, removed_at: null } },
        { ...iocs("folded_tags", foldName(text)), ...newest },
      ];
    }
  }
}

function iocs(field: string, value: unknown): PlainFind {
  return { collection: "threatfox_raw", filter: { [`enriched.${field}`]: value } };
}

function hostOf(type: string, text: string): string | undefined {
  const { host, problem } = parseIndicator(type, text);
  return problem === undefined && host !== null ? host : undefined;
}
