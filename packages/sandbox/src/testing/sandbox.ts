import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { z } from "zod";
import { type Sandbox, type SandboxOptions, startSandbox } from "../start-sandbox.js";

/** A sandbox that is closed when the test ends. */
export async function openSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

/** Writes files into a folder that is removed when the test ends, and returns their paths in the order given. */
export async function writeFiles(files: Readonly<Record<string, unknown>>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "sandbox-test-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const paths: string[] = [];
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await writeFile(
      path,
      typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    );
    paths.push(path);
  }
  return paths;
}

const pageSchema = z.looseObject({
  more: z.boolean().optional(),
  next: z.string().optional(),
  objects: z.array(z.looseObject({ id: z.string() })).optional(),
  versions: z.array(z.string()).optional(),
  api_roots: z.array(z.string()).optional(),
  collections: z.array(z.looseObject({ id: z.string() })).optional(),
});

export interface TaxiiAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; empty where it is not JSON. */
  readonly body: z.output<typeof pageSchema>;
  /** The ids in `objects`. */
  readonly ids: readonly string[];
}

/** GETs a path of the TAXII server. Headers are added to, or replace, the right `Accept`. */
export async function getTaxii(
  sandbox: Sandbox,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  options: Pick<RequestInit, "signal"> = {},
): Promise<TaxiiAnswer> {
  const response = await fetch(new URL(path, sandbox.taxiiUrl), {
    ...options,
    headers: { accept: "application/taxii+json;version=2.1", ...headers },
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") ?? false;
  const body = isJson ? pageSchema.parse(JSON.parse(text)) : {};
  return {
    status: response.status,
    headers: response.headers,
    text,
    body,
    ids: body.objects?.map(({ id }) => id) ?? [],
  };
}

const threatfoxAnswerSchema = z.looseObject({ query_status: z.string(), data: z.unknown().optional() });

/** POSTs to the ThreatFox API with the right key, unless other headers are given. */
export async function askThreatfox(
  sandbox: Sandbox,
  request: unknown,
  headers: Readonly<Record<string, string>> = { "auth-key": sandbox.authKey },
): Promise<{ status: number; query_status: string; data: unknown }> {
  const response = await fetch(sandbox.threatfoxUrl, {
    method: "POST",
    headers,
    body: typeof request === "string" ? request : JSON.stringify(request),
  });
  const { query_status, data } = threatfoxAnswerSchema.parse(await response.json());
  return { status: response.status, query_status, data };
}

export const enterpriseId = "x-mitre-collection--1f5f1533-f617-4ca8-9ab4-6a02367fa019";
export const icsId = "x-mitre-collection--90c00720-636b-4485-b342-8751d232bf09";
export const mobileId = "x-mitre-collection--dac0d2d7-8653-445c-9bff-82f934c1e858";

/** A STIX object with just what the server looks at. */
export function stixObject(
  id: string,
  dates: { readonly created?: string; readonly modified?: string },
  rest: Readonly<Record<string, unknown>> = {},
) {
  return { type: id.split("--")[0], spec_version: "2.1", id, ...dates, ...rest };
}

/** An ATT&CK bundle of one release. */
export function attackBundle(
  version: string,
  modified: string,
  objects: readonly object[],
  collection: { readonly id: string; readonly name: string } = { id: icsId, name: "ICS ATT&CK" },
) {
  const created = "2020-10-27T14:49:39.188Z";
  return {
    type: "bundle",
    id: "bundle--0f2d24bc-ef77-4f5d-b95e-230721a95a8a",
    objects: [
      stixObject(collection.id, { created, modified }, { name: collection.name, x_mitre_version: version }),
      ...objects,
    ],
  };
}

export const objectA = "malware--00000000-0000-4000-8000-00000000000a";
export const objectB = "tool--00000000-0000-4000-8000-00000000000b";
export const objectC = "malware--00000000-0000-4000-8000-00000000000c";
export const day = (date: string) => `${date}T00:00:00.000Z`;

/** Two releases of ICS: object A is modified in between, B leaves, C arrives. Written to files, older first. */
export function writeTwoReleases(): Promise<readonly string[]> {
  return writeFiles({
    "older.json": attackBundle("17.1", day("2025-05-06"), [
      stixObject(objectA, { created: day("2020-01-01"), modified: day("2025-01-01") }, { name: "A, first" }),
      stixObject(objectB, { created: day("2021-01-01"), modified: day("2021-01-01") }),
    ]),
    "newer.json": attackBundle("18.1", day("2025-11-13"), [
      stixObject(objectA, { created: day("2020-01-01"), modified: day("2025-10-01") }, { name: "A, second" }),
      stixObject(objectC, { created: day("2025-09-01"), modified: day("2025-09-01") }),
    ]),
  });
}
