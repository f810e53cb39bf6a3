import type { Document, MongoClient } from "mongodb";

/** The facts that the requirements of tests are compared with. */
export interface ServerFacts {
  readonly version: string;
  readonly parameters: Document;
}

export async function readServerFacts(client: MongoClient): Promise<ServerFacts> {
  const admin = client.db("admin");
  const [{ version }, parameters] = await Promise.all([
    admin.command({ buildInfo: 1 }),
    admin.command({ getParameter: "*" }),
  ]);
  return { version, parameters };
}

/** Why a standalone server without authentication meets none of the requirements; undefined if it meets one. */
export function unmetRequirements(
  requirements: readonly Document[] | undefined,
  server: ServerFacts,
): string | undefined {
  const reasons = (requirements ?? []).map((requirement) => unmetRequirement(requirement, server));
  return reasons.includes(undefined) || reasons.length === 0 ? undefined : reasons.join("; or ");
}

function unmetRequirement(requirement: Document, server: ServerFacts): string | undefined {
  const { minServerVersion, maxServerVersion, topologies, serverParameters = {} } = requirement;
  if (minServerVersion !== undefined && compareVersions(server.version, minServerVersion) < 0) {
    return `needs MongoDB ${minServerVersion} or newer`;
  }
  if (maxServerVersion !== undefined && compareVersions(server.version, maxServerVersion) > 0) {
    return `needs MongoDB ${maxServerVersion} or older`;
  }
  if (topologies !== undefined && !topologies.includes("single")) {
    return `needs one of the topologies ${topologies.join(", ")}`;
  }
  for (const [name, unwanted] of [
    ["serverless", "require"],
    ["auth", true],
    ["csfle", true],
  ] as const) {
    if (requirement[name] === unwanted || (name === "csfle" && typeof requirement.csfle === "object")) {
      return `needs ${name}`;
    }
  }
  const parameter = Object.keys(serverParameters).find(
    (name) => server.parameters[name] !== serverParameters[name],
  );
  return parameter === undefined ? undefined : `needs the server parameter ${parameter}`;
}

/** As `sort` takes it. A version with fewer parts stands for the first of its kind: 8.0 is 8.0.0. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  for (const part of [0, 1, 2]) {
    const difference = (left?.[part] ?? 0) - (right?.[part] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}
