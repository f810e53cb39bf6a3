import { textFileSetting } from "@cti-connectors/core";
import { z } from "zod";

/** Names of the header that no client may choose, since HTTP or this client says what they hold. */
const takenHeaders: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "connection",
  "content-length",
  "content-type",
  "host",
  "range",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
]);

export const defaultApiKeyHeader = "X-API-Key";

/** How to get at a server that is not open to everybody: credentials of one kind, and certificates. */
export const accessSettings = {
  MITRE_USERNAME: z
    .string()
    // RFC 7617, section 2.
    .regex(/^[^:\p{Cc}]+$/u, { error: "must be a user name without colons and control characters" })
    .optional()
    .describe("User name for HTTP Basic; requires MITRE_PASSWORD"),
  MITRE_PASSWORD: z
    .string()
    .regex(/^\P{Cc}+$/u, { error: "must be a password without control characters" })
    .optional()
    .meta({ secret: true })
    .describe("Password for HTTP Basic; requires MITRE_USERNAME"),
  MITRE_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, { error: "must be a token without spaces and without the word Bearer" })
    .optional()
    .meta({ secret: true })
    .describe("Bearer token for servers that require one"),
  MITRE_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/, { error: "must be a key of printable ASCII characters" })
    .optional()
    .meta({ secret: true })
    .describe("Key for servers that require one in a header"),
  MITRE_API_KEY_HEADER: z
    .string()
    // RFC 9110, section 5.6.2.
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: "must be the name of an HTTP header" })
    .refine((name) => !takenHeaders.has(name.toLowerCase()), {
      error: "must be the name of an HTTP header that can carry a key",
    })
    .default(defaultApiKeyHeader)
    .describe("Header to send MITRE_API_KEY in"),
  MITRE_CA_FILE: textFileSetting()
    .optional()
    .describe("PEM file with the CA certificates to trust (default: Node's built-in list)"),
  MITRE_CLIENT_CERT_FILE: textFileSetting()
    .optional()
    .describe(
      "PEM file with a client certificate, for servers that require one; requires MITRE_CLIENT_KEY_FILE",
    ),
  MITRE_CLIENT_KEY_FILE: textFileSetting()
    .optional()
    .describe("PEM file with the private key of MITRE_CLIENT_CERT_FILE"),
  MITRE_CLIENT_KEY_PASSPHRASE: z
    .string()
    .optional()
    .meta({ secret: true })
    .describe("Passphrase of MITRE_CLIENT_KEY_FILE, if it is encrypted"),
};

/** As read: of the files, their text. */
export type AccessConfig = z.output<z.ZodObject<typeof accessSettings>>;
