import type { StoreReader } from "@cti-connectors/core";
import { z } from "zod";
import { type Column, left, renderTable, right } from "../text/render-table.js";

const technique = z.object({
  enriched: z.object({ attack_id: z.string(), name: z.string(), tactics: z.array(z.string()).catch([]) }),
});
const ioc = z.object({
  enriched: z.object({
    defanged: z.string(),
    threat_type: z.string().nullable(),
    confidence: z.number().nullable(),
    first_seen: z.date().nullable(),
  }),
});

/** Asks the database two questions that people ask, and shows the questions with their answers. */
export async function showDemo(reader: StoreReader): Promise<string> {
  const techniques = await collect(
    reader.find(
      "objects",
      {
        "enriched.attack_id": { $gte: "T1059", $lt: "T1060" },
        "enriched.type": "attack-pattern",
        removed_at: null,
      },
      { projection: { enriched: 1 }, sort: { "enriched.attack_id": 1 } },
    ),
    technique,
  );
  const iocs = await collect(
    reader.find(
      "threatfox_raw",
      { "enriched.malware_name": "Cobalt Strike", removed_at: null },
      { projection: { enriched: 1 }, sort: { "enriched.first_seen": -1 } },
    ),
    ioc,
  );
  return [
    section(
      "Technique T1059 and its sub-techniques",
      'db.objects.find({ "enriched.attack_id": /^T1059/, "enriched.type": "attack-pattern", removed_at: null })',
      [left("id"), left("name"), left("tactics")],
      techniques.map(({ enriched }) => [enriched.attack_id, enriched.name, enriched.tactics.join(", ")]),
    ),
    section(
      "IOCs of Cobalt Strike, newest first",
      'db.threatfox_raw.find({ "enriched.malware_name": "Cobalt Strike", removed_at: null }).sort({ "enriched.first_seen": -1 })',
      [left("indicator"), left("threat"), right("confidence"), left("first seen (UTC)")],
      iocs.map(({ enriched }) => [
        enriched.defanged,
        enriched.threat_type ?? "–",
        String(enriched.confidence ?? "–"),
        enriched.first_seen?.toISOString().slice(0, "2026-11-01T10:00".length).replace("T", " ") ?? "–",
      ]),
    ),
  ]
    .flat()
    .join("\n");
}

/** A question with its answer; nothing where the demo loaded no answer, as of one connector alone. */
function section(
  question: string,
  query: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  return rows.length === 0
    ? []
    : [question, `  ${query}`, renderTable(columns, rows).replaceAll(/^/gm, "    "), ""];
}

async function collect<Schema extends z.ZodType>(
  found: AsyncIterable<unknown>,
  schema: Schema,
): Promise<z.output<Schema>[]> {
  const documents: z.output<Schema>[] = [];
  for await (const document of found) {
    documents.push(schema.parse(document));
  }
  return documents;
}
