import type { z } from "zod";
import { type PathTrait, unwrapSetting } from "./unwrap-setting.js";

/** A setting, for help texts and `.env.example`. */
export interface SettingDescription {
  /** The environment variable. */
  readonly name: string;
  readonly description: string | undefined;
  /** As it would be written in the environment; undefined where there is none. */
  readonly default: string | undefined;
  readonly secret: boolean;
  /** The variable that may name a file with the value instead, such as `MONGO_URI_FILE`. Only what is or may hold a secret has one. */
  readonly fileVariable: string | undefined;
  /** Names a file or folder: whoever knows where the setting was written makes a relative path absolute. `or-url`: it may hold a URL instead. */
  readonly path: PathTrait;
  /** Must be set. */
  readonly required: boolean;
}

/** Lists the settings of a configuration schema, in its order, without those that belong to another connector. */
export function describeConfig(schema: z.ZodObject): SettingDescription[] {
  return Object.entries(schema.shape).flatMap(([name, setting]) => {
    const { description, secret, quoted, path, optional, owner, ...traits } = unwrapSetting(setting);
    if (owner !== undefined) {
      return [];
    }
    const fileVariable = quoted ? undefined : `${name}_FILE`;
    const byDefault = written(traits.default);
    return { name, description, default: byDefault, secret, fileVariable, path, required: !optional };
  });
}

/**
 * What a help text says beside the name of a setting: what it is for, its default or that it has to be set, and the variable that may
 * name a file with its value.
 */
export function explainSetting({
  description = "",
  default: value = "",
  fileVariable,
  required,
}: SettingDescription): string {
  const note = required ? " (required)" : value === "" ? "" : ` (default: ${value})`;
  const file = fileVariable === undefined ? "" : `; or the file in ${fileVariable}`;
  return `${description}${note}${file}`;
}

function written(value: unknown): string | undefined {
  if (value === undefined || value === null) {
    return undefined;
  }
  if (Array.isArray(value)) {
    return value.join(",");
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
