import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Script } from "node:vm";

/** The spellings of a connector's name. */
export interface ConnectorNames {
  /** `acmeFeed`: the export of the package. */
  readonly camel: string;
  /** `AcmeFeed`: part of other names in its code. */
  readonly pascal: string;
  /** `ACME_FEED`: the prefix of its settings. */
  readonly settings: string;
  /** `acme_feed`: its collection. */
  readonly collection: string;
  /** `Acme Feed`: in texts. */
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
 * Says why a connector cannot have this name, and what to do.
 *
 * @param root of the workspace
 * @returns undefined if the name can be used
 */
export function findNameFault(root: string, name: string): string | undefined {
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(name) || name.length > 40) {
    return `"${name}" is not a valid name: use at most 40 lower-case letters and digits, with single hyphens between words, such as acme-feed.`;
  }
  const { camel, settings } = connectorNames(name);
  if (!isIdentifier(camel)) {
    return `The connector would be exported as ${camel}, which is a reserved word in JavaScript: choose another name.`;
  }
  if (existsSync(join(root, "packages", name))) {
    return `packages/${name} already exists: delete it, or choose another name.`;
  }
  for (const folder of workspaceFolders(root)) {
    const taken = nameOf(root, folder);
    if (taken === name || taken === `@cti-connectors/${name}`) {
      return `The package in ${folder} is already named ${taken}: choose another name.`;
    }
  }
  const taken = new RegExp(`^${settings}_\\w+`, "m").exec(readFileSync(join(root, ".env.example"), "utf8"));
  return taken === null
    ? undefined
    : `The settings would begin with ${settings}_, like ${taken[0]} in .env.example: choose another name.`;
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
