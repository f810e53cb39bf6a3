import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";

/** What a connector's name becomes where another spelling is needed. */
export interface ConnectorNames {
  /** `acmeFeed`, for what the package exports. */
  readonly camel: string;
  /** `AcmeFeed`, for the rest of its names. */
  readonly pascal: string;
  /** `ACME_FEED`, with which its settings begin. */
  readonly settings: string;
  /** `acme_feed`, for its collection. */
  readonly collection: string;
  /** `Acme Feed`, for texts. */
  readonly title: string;
}

/** @param name such as `acme-feed` */
export function connectorNames(name: string): ConnectorNames {
  const words = name.split("-");
  const capitalized = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const pascal = capitalized.join("");
  return {
    camel: pascal.charAt(0).toLowerCase() + pascal.slice(1),
    pascal,
    settings: words.join("_").toUpperCase(),
    collection: words.join("_"),
    title: capitalized.join(" "),
  };
}

/**
 * Why no connector can have this name, and what to do.
 *
 * @param root of the workspace
 * @returns undefined where it can
 */
export function findNameFault(root: string, name: string): string | undefined {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length > 40) {
    return `"${name}" cannot be the name of a package here: use at most 40 lower-case letters and digits, with single hyphens between words, such as acme-feed.`;
  }
  const { camel, settings } = connectorNames(name);
  if (!isIdentifier(camel)) {
    return `The connector would be exported as ${camel}, which is a word of JavaScript: choose another name.`;
  }
  if (existsSync(join(root, "packages", name))) {
    return `packages/${name} exists: delete it, or choose another name.`;
  }
  const owner = workspaceFolders(root).find((folder) => nameOf(root, folder) === `@cti-connectors/${name}`);
  if (owner !== undefined) {
    return `The package in ${owner} is named @cti-connectors/${name}: choose another name.`;
  }
  const taken = new RegExp(`^${settings}_\\w+`, "m").exec(readFileSync(join(root, ".env.example"), "utf8"));
  return taken === null
    ? undefined
    : `The settings would begin with ${settings}_, as ${taken[0]} in .env.example does: choose another name.`;
}

function isIdentifier(word: string): boolean {
  try {
    return new Script(`"use strict"; const ${word} = 0;`) !== undefined;
  } catch {
    return false;
  }
}

function workspaceFolders(root: string): readonly string[] {
  const inside = (folder: string) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`);
  return [...inside("packages"), ...inside("apps"), "bench"].filter((folder) =>
    existsSync(join(root, folder, "package.json")),
  );
}

function nameOf(root: string, folder: string): unknown {
  const { name }: { readonly name?: unknown } = JSON.parse(
    readFileSync(join(root, folder, "package.json"), "utf8"),
  );
  return name;
}
