import { z } from "zod";
import { redactSecrets } from "../secrets/redact-secrets.js";
import { shortenText } from "../text/one-line.js";
import { unwrapSetting } from "./unwrap-setting.js";

/** Environment variables, from the process and `.env` files. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads settings from the environment. The schema's keys are names of environment variables; an empty or blank one is the
 * same as none, and blanks around a value do not count.
 *
 * @throws ConfigError that names every fault at once
 */
export function parseConfig<Schema extends z.ZodObject>(
  schema: Schema,
  environment: Environment,
): z.output<Schema> {
  const result = schema.safeParse(settingsOf(schema, environment));
  if (!result.success) {
    throw new ConfigError(faultsOf(schema, environment, result.error.issues));
  }
  return result.data;
}

/**
 * Reads the settings of several parts of a program at once.
 *
 * @param schemas by a name under which their settings are returned
 * @throws ConfigError that names every fault of every schema, each once
 */
export function parseConfigs<Schemas extends Readonly<Record<string, z.ZodObject>>>(
  schemas: Schemas,
  environment: Environment,
): z.output<z.ZodObject<Schemas>> {
  const input = Object.entries(schemas).map(([name, schema]) => [name, settingsOf(schema, environment)]);
  const result = z.object(schemas).safeParse(Object.fromEntries(input));
  if (!result.success) {
    const { issues } = result.error;
    const faults = Object.entries(schemas).flatMap(([name, schema]) => {
      const own = issues.filter(({ path }) => path[0] === name);
      return faultsOf(
        schema,
        environment,
        own.map((issue) => ({ ...issue, path: issue.path.slice(1) })),
      );
    });
    throw new ConfigError([...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()]);
  }
  return result.data;
}

function settingsOf(schema: z.ZodObject, environment: Environment): Record<string, string> {
  const entries = Object.keys(schema.shape).flatMap((variable) => {
    const value = given(environment, variable);
    return value === undefined ? [] : [[variable, value] as const];
  });
  return Object.fromEntries(entries);
}

function given(environment: Environment, variable: string): string | undefined {
  return environment[variable]?.trim() || undefined;
}

function faultsOf(
  schema: z.ZodObject,
  environment: Environment,
  issues: readonly z.core.$ZodIssue[],
): ConfigFault[] {
  return issues.map((issue) => {
    const variable = String(issue.path[0] ?? "settings");
    const value = given(environment, variable);
    const { secret, quoted } = unwrapSetting(schema.shape[variable]);
    const message = redactSecrets(issue.message, secret && value !== undefined ? [value] : []);
    return { variable, message: `${message} (${describeGiven(value, { secret, quoted })})` };
  });
}

const longestShown = 100;

function describeGiven(
  value: string | undefined,
  { secret, quoted }: { readonly secret: boolean; readonly quoted: boolean },
): string {
  if (value === undefined) {
    return "it is not set";
  }
  if (secret) {
    return "the value is a secret and is not shown";
  }
  if (!quoted) {
    return "the value may contain a password and is not shown";
  }
  // A URL that is written wrongly can hold its password anywhere before the last @, or where its port should be.
  const shown = redactSecrets(
    value
      .replace(/:\/\/.*@/s, "://[redacted]@")
      .replace(/(:\/\/[^/?#[\]:]*:)(?!\d*(?:[/?#]|$))[^/?#]*/s, "$1[redacted]"),
  );
  return `given: ${JSON.stringify(shortenText(shown, longestShown))}`;
}

/** One setting that cannot be used. */
interface ConfigFault {
  /** The environment variable. */
  readonly variable: string;
  /** What was given and what was expected, without secrets. */
  readonly message: string;
}

/** Settings that cannot be used. The message has one line per fault. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(readonly faults: readonly ConfigFault[]) {
    super(faults.map(({ variable, message }) => `${variable} ${message}`).join("\n"));
  }
}
