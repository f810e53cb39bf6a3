import { type Redact, redacted } from "./redact-secrets.js";
import { isSecretName } from "./secret-names.js";

/** Takes secrets out of every text inside a JSON value, names of fields included; a field named like a secret loses its value. */
export function redactFields(value: unknown, redact: Redact): unknown {
  if (typeof value === "string") {
    return redact(value);
  }
  if (typeof value === "number") {
    return redact(String(value)) === String(value) ? value : redacted;
  }
  if (Array.isArray(value)) {
    return value.map((item) => redactFields(item, redact));
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, field]) => [
        redact(name),
        isSecretName(name) ? redacted : redactFields(field, redact),
      ]),
    );
  }
  return value;
}
