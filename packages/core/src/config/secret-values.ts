import type { z } from "zod";
import { keyInPath } from "../secrets/hide-url-secrets.js";
import { isSecretName } from "../secrets/redact-secrets.js";
import { unwrapSetting } from "./unwrap-setting.js";

/**
 * The values that must never be shown: those of fields with `.meta({ secret: true })`, what `.meta({ secretPart: /…/ })` matches, and
 * passwords and keys inside connection strings and addresses, as written and percent-decoded.
 */
export function secretValues(schema: z.ZodObject, config: Readonly<Record<string, unknown>>): string[] {
  const secrets = Object.entries(config).flatMap(([name, value]) => {
    const { secret, secretPart } = unwrapSetting(schema.shape[name]);
    return stringsIn(value).flatMap((text) => [
      ...(secret ? [text] : []),
      ...passwordsIn(text),
      ...(secretPart?.exec(text) ?? []).flatMap(asWritten),
    ]);
  });
  return [...new Set(secrets)].filter((secret) => secret !== "");
}

function stringsIn(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  return Array.isArray(value) ? value.flatMap(stringsIn) : [];
}

/** `scheme://user:password@host/…?tlsCertificateKeyFilePassword=…` */
function passwordsIn(text: string): string[] {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#:]*:([^@/?#]*)@)?[^?]*(?:\?(.*))?$/is.exec(text);
  const parameters = (match?.[2] ?? "").split("&").map((parameter) => parameter.split("="));
  const inQuery = parameters.flatMap(([name = "", ...value]) =>
    isSecretName(name) || /password$/i.test(name) ? [value.join("=")] : [],
  );
  const inPath = match === null ? [] : (text.match(keyInPath) ?? []);
  return [...(match?.[1] === undefined ? [] : [match[1]]), ...inQuery, ...inPath].flatMap(asWritten);
}

/** A secret as it stands in an address, and percent-decoded. */
function asWritten(secret: string): string[] {
  try {
    return [secret, decodeURIComponent(secret)];
  } catch {
    return [secret];
  }
}
