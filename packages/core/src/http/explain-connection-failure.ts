import { z } from "zod";
import { redactSecrets } from "../secrets/redact-secrets.js";
import type { TlsSettingNames, TlsSettings } from "./http-client.js";

interface ExplainOptions {
  /** Name of the setting that holds the address. */
  readonly urlSetting?: string | undefined;
  /** What this connection was made with. */
  readonly tls?: TlsSettings | undefined;
  /** Names of its settings; absent where they are not for this connection. */
  readonly tlsSettings?: TlsSettingNames | undefined;
}

interface ConnectionFailure {
  readonly code: string | undefined;
  /** What happened, in plain words. */
  readonly cause: string;
  /** What to check. */
  readonly advice: string;
  readonly retryable: boolean;
  /** False where no connection was made that a request could have been sent on. */
  readonly wasSent: boolean;
}

const coded = z.object({
  code: z.string().optional().catch(undefined),
  /** As node-fetch calls it. */
  erroredSysCall: z.string().optional().catch(undefined),
  message: z.string().catch(""),
});
const beforeSending: ReadonlySet<string | undefined> = new Set([
  "connect",
  "getaddrinfo",
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "EHOSTDOWN",
  "ERR_INVALID_CHAR",
]);

const causes: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "there is no host with this name",
  EAI_AGAIN: "the host name could not be resolved, because the DNS server cannot be reached",
  ETIMEDOUT: "the connection timed out",
  EHOSTUNREACH: "the host cannot be reached",
  ENETUNREACH: "the network cannot be reached",
  EADDRNOTAVAIL: "the host cannot be reached",
  EHOSTDOWN: "the host is down",
  ECONNRESET: "the connection was cut off",
  ECONNABORTED: "the connection was cut off",
  EPIPE: "the connection was cut off",
  ERR_STREAM_PREMATURE_CLOSE: "the connection was cut off in the middle of the answer",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet",
  DEPTH_ZERO_SELF_SIGNED_CERT: "the server's certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "the server's certificate was issued by a CA that is not trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the server's certificate was issued by a CA that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT: "the server's certificate was issued by a CA that is not trusted",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "the server's certificate was issued by a CA that is not trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host name",
};

const certificateCodes = /CERT|UNABLE_TO_|CRL/;
const authorityCodes =
  /SELF_SIGNED|CERT_SIGNATURE_FAILURE|UNABLE_TO_(?:VERIFY_LEAF|GET_ISSUER)|CERT_UNTRUSTED/;

/** What a server says of a client's certificate, by code or text of an alert (RFC 8446, section 6.2). */
const clientCertificateAlert =
  /alert[ _](?:bad[ _]certificate|unsupported[ _]certificate|certificate|unknown[ _]ca|access[ _]denied)/i;

/** What is known of a failure. */
interface Failure extends ExplainOptions {
  readonly code: string;
  readonly message: string;
  /** How to name the address in advice. */
  readonly address: string;
}

type Explanation = Pick<ConnectionFailure, "cause" | "advice" | "retryable">;

/** Asked in this order; the first that says something is right. */
const explanations: readonly ((failure: Failure) => Explanation | undefined)[] = [
  ({ code }) =>
    code === "ERR_INVALID_CHAR"
      ? {
          cause: "a header contains a character that HTTP does not allow",
          advice: "check the key in the settings for line breaks and unusual characters",
          retryable: false,
        }
      : undefined,
  explainClientCertificate,
  explainServerCertificate,
  explainHandshake,
  ({ code, address }) =>
    code === "EPROTO" || code.startsWith("ERR_SSL_") || code.startsWith("HPE_")
      ? {
          cause: code.startsWith("HPE_")
            ? "the answer is not HTTP"
            : "the server does not speak TLS as expected",
          advice: `check whether ${address} should start with http:// or https://, and its port`,
          retryable: true,
        }
      : undefined,
  ({ code }) =>
    /^(?:Z_|ERR_BROTLI|ERR__ERROR_FORMAT)/.test(code)
      ? {
          cause: "the compressed answer is damaged",
          advice: "try again later; a proxy in between may have damaged it",
          retryable: true,
        }
      : undefined,
];

/** Says why a request got no answer, from the error that node-fetch or Node threw. */
export function explainConnectionFailure(error: unknown, options: ExplainOptions = {}): ConnectionFailure {
  const { code, erroredSysCall, message } = coded.catch({ message: "" }).parse(error);
  const wasSent = !beforeSending.has(code) && !beforeSending.has(erroredSysCall);
  const address = options.urlSetting ?? "the address";
  if (code === undefined) {
    const cut = /premature close/i.test(message);
    const cause = cut ? "the connection was cut off in the middle of the answer" : reasonIn(message);
    const advice = `check the network, and that ${address} is right`;
    return { code, cause, advice, retryable: true, wasSent };
  }
  for (const explain of explanations) {
    const explanation = explain({ ...options, code, message, address });
    if (explanation !== undefined) {
      return { code, ...explanation, wasSent };
    }
  }
  const advice = `check the network, any firewall or proxy in between, and that ${address} is right`;
  return { code, cause: causes[code] ?? reasonIn(message), advice, retryable: true, wasSent };
}

function explainServerCertificate({ code, tls, tlsSettings, address }: Failure): Explanation | undefined {
  if (!certificateCodes.test(code)) {
    return undefined;
  }
  const advice =
    authorityCodes.test(code) && tlsSettings?.ca !== undefined
      ? adviceOnAuthority(tlsSettings.ca, tls, address)
      : `check ${address} and this machine's clock; if a proxy inspects TLS, set NODE_EXTRA_CA_CERTS to its CA file`;
  return { cause: causes[code] ?? "the server's certificate is not accepted", advice, retryable: false };
}

function explainHandshake({ code, message, tls, tlsSettings, address }: Failure): Explanation | undefined {
  if (!/alert[ _]handshake[ _]failure/i.test(`${code} ${message}`) || tlsSettings?.cert === undefined) {
    return undefined;
  }
  const advice =
    tls?.cert === undefined
      ? `it may require a client certificate: if so, set ${tlsSettings.cert}; check ${address} too`
      : `check that ${tlsSettings.cert} names a certificate that the server accepts and that has not expired`;
  return { cause: "the server aborted the TLS handshake", advice, retryable: false };
}

function adviceOnAuthority(setting: string, tls: TlsSettings | undefined, address: string): string {
  return tls?.ca === undefined
    ? `check ${address}; if it is right, set ${setting} to a file with the server's CA certificate`
    : `check that ${setting} has the CA certificate of this server, and that ${address} is right`;
}

function explainClientCertificate({ code, message, tls, tlsSettings }: Failure): Explanation | undefined {
  if (!clientCertificateAlert.test(`${code} ${message}`)) {
    return undefined;
  }
  const { cert = "the client's certificate", key = "its key" } = tlsSettings ?? {};
  return tls?.cert === undefined
    ? {
        cause: "the server requires a client certificate",
        advice: `set ${cert} and ${key}`,
        retryable: false,
      }
    : {
        cause: "the server refuses the client certificate",
        advice: `check that ${cert} names one that the server accepts and that has not expired`,
        retryable: false,
      };
}

/** node-fetch puts the whole URL, secrets included, before the reason. */
function reasonIn(message: string): string {
  const reason = message.replace(/^.*?(?:failed, reason|trying to fetch \S+):/s, "").trim();
  return redactSecrets(reason) || "the request failed";
}
