import { z } from "zod";

/** Whether a setting names a file or folder. `or-url`: it may hold a URL instead. `or-url-list`: it holds some of both, separated by commas. */
export type PathTrait = boolean | "or-url" | "or-url-list";

/** What lies around the schema of a setting's value. */
interface SettingTraits {
  readonly description: string | undefined;
  readonly secret: boolean;
  /** Whether errors may show what was given. Not a value that is no secret as a whole, but may hold one anywhere when it is written wrongly. */
  readonly quoted: boolean;
  /** @see PathTrait */
  readonly path: PathTrait;
  /** Matches what is secret in a value that is no secret as a whole, such as a key in the path of an address. */
  readonly secretPart: RegExp | undefined;
  /** The connector that the setting belongs to, where another one reads it, too. */
  readonly owner: string | undefined;
  /** What `.default` or `.prefault` gives, undefined where there is none. */
  readonly default: unknown;
  /** May be left out. */
  readonly optional: boolean;
}

/**
 * Reads `.describe`, `.meta({ secret: true })`, `.meta({ quoted: false })`, `.meta({ path: true })` or `.meta({ path: "or-url" })`, `.meta({ secretPart: /…/ })`, `.meta({ owner: "threatfox" })` and the default of a setting wherever they were put: before or after
 * `.optional()`, `.default(…)`, `.prefault(…)`, `.transform(…)` and the like. The outermost description and default win.
 *
 * @param schema undefined: of a setting that is not known
 */
export function unwrapSetting(schema: z.core.$ZodType | undefined): SettingTraits {
  const meta = schema && z.globalRegistry.get(schema);
  const own: SettingTraits = {
    description: meta?.description,
    secret: meta?.secret === true,
    quoted: meta?.secret !== true && meta?.quoted !== false,
    path: meta?.path === "or-url" || meta?.path === "or-url-list" ? meta.path : meta?.path === true,
    secretPart: meta?.secretPart instanceof RegExp ? meta.secretPart : undefined,
    owner: typeof meta?.owner === "string" ? meta.owner : undefined,
    default: undefined,
    optional: false,
  };
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return merge(
      { ...own, default: schema.def.defaultValue, optional: true },
      unwrapSetting(schema.unwrap()),
    );
  }
  if (schema instanceof z.ZodOptional) {
    return merge({ ...own, optional: true }, unwrapSetting(schema.unwrap()));
  }
  if (schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly || schema instanceof z.ZodCatch) {
    return merge(own, unwrapSetting(schema.unwrap()));
  }
  if (schema instanceof z.ZodPipe) {
    const { default: _, optional: __, ...output } = unwrapSetting(schema.out);
    return merge(own, merge(unwrapSetting(schema.in), { ...output, default: undefined, optional: false }));
  }
  return own;
}

function merge(outer: SettingTraits, inner: SettingTraits): SettingTraits {
  return {
    description: outer.description ?? inner.description,
    secret: outer.secret || inner.secret,
    quoted: outer.quoted && inner.quoted,
    path: outer.path || inner.path,
    secretPart: outer.secretPart ?? inner.secretPart,
    owner: outer.owner ?? inner.owner,
    default: outer.default ?? inner.default,
    optional: outer.optional || inner.optional,
  };
}
