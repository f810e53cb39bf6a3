import { hash } from "node:crypto";
import type { LoadDocument } from "../connector/connector.js";
import { canonicalText, canonicalTextWithDates } from "../json/canonical-text.js";

export interface Content {
  /** SHA-256, hexadecimal. Two contents that differ only in the order of their keys have the same one. */
  readonly hash: string;
  /** Canonical JSON. */
  readonly text: string;
}

/** The canonical text and hash of what a document holds: `data` and `enriched`, and nothing of the envelope. */
export function contentOf({ data, enriched }: Pick<LoadDocument, "data" | "enriched">): Content {
  const text = `${canonicalText(data)}\n${canonicalTextWithDates(enriched)}`;
  return { hash: hash("sha256", text, "hex"), text };
}
