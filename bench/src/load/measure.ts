import { randomBytes } from "node:crypto";
import type { LoadDocument } from "@cti-connectors/core";
import { MongoClient } from "mongodb";
import { createIndexes, type Variant, type VariantName, variants } from "./variants.js";

export interface Measurement {
  readonly variant: Variant;
  /** For all documents; per round. */
  readonly seconds: readonly number[];
  /** Fewer than all: it was stopped, and `seconds` is what all would have taken at the same rate. */
  readonly leastDocuments: number;
}

export interface MeasureOptions {
  readonly uri: string;
  readonly documents: readonly LoadDocument[];
  readonly rounds: number;
  /** A variant of one document at a time is stopped then. */
  readonly capSeconds: number;
  readonly onMeasured: (variant: Variant, round: number, seconds: number) => void;
}

interface Sample {
  readonly variant: VariantName;
  readonly seconds: number;
  readonly documents: number;
}

/** Measures each variant once per round, each round in the order of `variants`. */
export async function measure(options: MeasureOptions): Promise<readonly Measurement[]> {
  const samples: Sample[] = [];
  const client = await new MongoClient(options.uri, { ignoreUndefined: true }).connect();
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const variant of variants) {
        const sample = await measureOnce(client, variant, options);
        samples.push(sample);
        options.onMeasured(variant, round, sample.seconds);
      }
    }
  } finally {
    await client.close();
  }
  return variants.map((variant) => {
    const own = samples.filter((sample) => sample.variant === variant.name);
    return {
      variant,
      seconds: own.map(({ seconds }) => seconds),
      leastDocuments: Math.min(...own.map(({ documents }) => documents)),
    };
  });
}

/** On a new database, which is dropped afterwards. */
async function measureOnce(
  client: MongoClient,
  variant: Variant,
  { documents, capSeconds }: MeasureOptions,
): Promise<Sample> {
  const database = client.db(`bench_${randomBytes(6).toString("hex")}`);
  try {
    await createIndexes(database);
    const before = variants.find(({ name }) => name === variant.after);
    await before?.store(database, documents, capSeconds);
    const start = performance.now();
    const stored = await variant.store(database, documents, capSeconds);
    const taken = (performance.now() - start) / 1_000;
    const found = await database.collection("objects").countDocuments();
    if (found !== stored) {
      throw new Error(`${variant.title}: ${stored} documents were stored, ${found} are there.`);
    }
    return { variant: variant.name, seconds: (taken * documents.length) / stored, documents: stored };
  } finally {
    await database.dropDatabase();
  }
}
