import { isSecretName } from "./redact-secrets.js";

/** Headers that a connector sends with everything and that identify nobody. */
const harmless = /^(?:accept|content|user-agent$)/i;

/**
 * What must not be shown of headers: a key alone, and behind its scheme, as in `Bearer …`; of `Basic …` the password too.
 *
 * @param allSecret true: whatever its name is, a header holds a key, as those of a connector's settings do
 */
export function secretsInHeaders(
  headers: Readonly<Record<string, string | undefined>> = {},
  { allSecret = false }: { readonly allSecret?: boolean } = {},
): string[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value !== undefined && (isSecretName(name) || (allSecret && !harmless.test(name)))
      ? secretsInValue(value)
      : [],
  );
}

function secretsInValue(value: string): string[] {
  const credentials = value.replace(/^\S+\s+/, "");
  // RFC 7617, section 2.
  const password = /^basic /i.test(value)
    ? Buffer.from(credentials, "base64")
        .toString()
        .replace(/^[^:]*:/, "")
    : "";
  return [...new Set([value, credentials, password])].filter((secret) => secret !== "");
}
