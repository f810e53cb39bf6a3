import {
  type Connector,
  describeConfig,
  type Environment,
  type EnvironmentFile,
  secretValues,
} from "@cti-connectors/core/host";
import { distance } from "fastest-levenshtein";
import { findClosest } from "./find-closest.js";
import { programConfig } from "./program-config.js";

/** The maximum number of ignored lines that a warning names. */
const mostLines = 5;

/** What other programs call the name of the database. */
const nameOfDatabase = /^MONGO(?:DB)?_?(?:DB|DATABASE)(?:_?NAME)?$/i;

const ends = 'ends before " #", which starts a comment: put the value in quotes if it contains " #"';
const begins =
  "begins with a quote that is not closed, so the quote is part of the value: close it, or put the value in the other kind of quotes";

/**
 * What is odd about the settings: a `.env` file with secrets that others can read, values that a comment cuts short or whose quote is not
 * closed, lines that are ignored, and names that look like misspelt settings. Variables of other programs are not mentioned.
 */
export function warnOfSettings(
  files: readonly EnvironmentFile[],
  processEnvironment: Environment,
  connectors: readonly Pick<Connector, "name" | "config">[],
): string[] {
  const schemas = [programConfig, ...connectors.map(({ config }) => config)];
  const known = new Set(
    schemas
      .flatMap(describeConfig)
      .flatMap(({ name, fileVariable }) => [name, ...(fileVariable ? [fileVariable] : [])]),
  );
  const prefixes = connectors.flatMap(({ config }) => sharedPrefixes(Object.keys(config.shape)));
  const isSet = (name: string) =>
    [processEnvironment, ...files.map(({ values }) => values)].some((values) => given(values, name));
  const misspelt = new Set<string>();

  function warnOfValues(names: readonly string[], path: string, fault: string): string[] {
    return names.filter((name) => known.has(name)).map((name) => `the value of ${name} in ${path} ${fault}`);
  }

  function warnOfNames(values: Environment, place: string): string[] {
    return Object.keys(values).flatMap((name) => {
      if (known.has(name) || !given(values, name) || misspelt.has(name)) {
        return [];
      }
      const isOurs = prefixes.some((prefix) => name.toUpperCase().startsWith(prefix));
      const meant =
        [...known].find((candidate) => lettersOf(candidate) === lettersOf(name)) ??
        (nameOfDatabase.test(name) ? "DB_NAME" : undefined) ??
        (isOurs ? findClosest(name, [...known]) : findMisspelling(name, [...known]));
      if (!isOurs && (meant === undefined || isSet(meant))) {
        return [];
      }
      misspelt.add(name);
      const question = meant === undefined ? "see --help for all settings" : `did you mean ${meant}?`;
      return [`${name} in ${place} is not a setting: ${question}`];
    });
  }

  return [
    ...files.flatMap(({ path, values, cut, unclosed, ignored, isOpenToOthers }) => [
      ...(isOpenToOthers && schemas.some((schema) => secretValues(schema, values).length > 0)
        ? [`${path} holds secrets and can be read by other users: chmod 600 ${path}`]
        : []),
      ...warnOfValues(cut, path, ends),
      ...warnOfValues(unclosed, path, begins),
      ...(ignored.length === 0 ? [] : [describeIgnored(ignored, path)]),
      ...warnOfNames(values, path),
    ]),
    ...warnOfNames(processEnvironment, "the environment"),
  ];
}

/** How several settings of one connector begin, up to the first `_`: what begins so, too, is meant for it. */
function sharedPrefixes(names: readonly string[]): string[] {
  const prefixes = names.flatMap((name) => /^[^_]+_/.exec(name.toUpperCase())?.[0] ?? []);
  return [...new Set(prefixes.filter((prefix, index) => prefixes.indexOf(prefix) !== index))];
}

/** The lines themselves are not shown: they may hold a part of a secret. */
function describeIgnored(lines: readonly number[], path: string): string {
  const some = lines.slice(0, mostLines).join(", ");
  const more = lines.length > mostLines ? `, and ${lines.length - mostLines} more` : "";
  const [what, are] = lines.length === 1 ? ["line", "is"] : ["lines", "are"];
  return `${what} ${some}${more} of ${path} ${are} ignored: write NAME=value, with # before comments and quotes around a value of several lines`;
}

function given(values: Environment, name: string): boolean {
  return (values[name]?.trim() ?? "") !== "";
}

/** The setting that a name is a misspelling of, though it may belong to another program: `APP_URL` is no misspelt `API_URL`. */
function findMisspelling(name: string, known: readonly string[]): string | undefined {
  return name.length >= 9 ? known.find((candidate) => distance(name, candidate) <= 2) : undefined;
}

function lettersOf(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, "").toUpperCase();
}
