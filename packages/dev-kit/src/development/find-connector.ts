import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Connector } from "@cti-connectors/core/host";
import { z } from "zod";

const manifest = z.object({ name: z.string(), exports: z.unknown().optional() });

const connectorShape = z.looseObject({
  name: z.string(),
  summary: z.string(),
  config: z.looseObject({ shape: z.looseObject({}), safeParse: z.function() }),
  steps: z.array(z.looseObject({ name: z.string(), extract: z.function(), process: z.function() })),
});

/** There is nothing that could be run: the message says why, and what to do. */
export class NothingToRunError extends Error {
  override readonly name = "NothingToRunError";
}

/**
 * The connectors that a package exports from its main entry: from its sources, where it names them in its `exports`.
 *
 * @param folder of the package
 * @throws NothingToRunError where there is no package, or it has no such entry or exports no connector
 * @throws whatever its modules throw when they are loaded
 */
export async function findConnectors(folder: string): Promise<readonly Connector[]> {
  const { name, entry } = findEntry(folder);
  const exported: Readonly<Record<string, unknown>> = await import(pathToFileURL(entry).href);
  const connectors = [...new Set(Object.values(exported))].filter(isConnector);
  if (connectors.length === 0) {
    throw new NothingToRunError(
      `${name} exports no connector: export what defineConnector returns from ${entry}.`,
    );
  }
  return connectors;
}

/**
 * The connector that the arguments name, or the only one.
 *
 * @throws NothingToRunError where there are several and none is named
 */
export function chooseConnector(connectors: readonly Connector[], args: readonly string[]): Connector {
  const [only, second] = connectors;
  const chosen =
    connectors.find(({ name }) => args.includes(name)) ?? (second === undefined ? only : undefined);
  if (chosen === undefined) {
    const names = connectors.map(({ name }) => name);
    throw new NothingToRunError(
      `This package has ${names.length} connectors: ${names.join(", ")}. Name one, such as: dev ${names[0]}`,
    );
  }
  return chosen;
}

function findEntry(folder: string): { readonly name: string; readonly entry: string } {
  const path = join(folder, "package.json");
  if (!existsSync(path)) {
    throw new NothingToRunError(
      `There is no package.json in ${folder}: run this command in the folder of a connector.`,
    );
  }
  const { data } = manifest.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (data?.exports === undefined) {
    throw new NothingToRunError(`${path} needs "name" and "exports", which say where the connector is.`);
  }
  try {
    // A package may import itself by its name, and the conditions of this process are those of the sources.
    return { name: data.name, entry: createRequire(path).resolve(data.name) };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw new NothingToRunError(`The main entry in "exports" of ${path} cannot be found: ${reason}`, {
      cause: error,
    });
  }
}

function isConnector(value: unknown): value is Connector {
  return connectorShape.safeParse(value).success;
}
