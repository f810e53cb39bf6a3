import { inspect } from "node:util";
import { describeConfig, parseConfig, secretValues } from "@cti-connectors/core/host";
import { captureOutput } from "../trial/capture-output.js";
import { ensure } from "../trial/conformance-error.js";
import type { AnswerInstead, ReceivedRequest } from "../trial/fake-upstream.js";
import { readEverything, writtenForm } from "../trial/stored-documents.js";
import type { Trial } from "../trial/trial.js";
import { markRecords } from "./check-documents.js";

/** A place where a secret may turn up, and what stands there. */
type Trace = readonly [place: string, text: string];

/** Secrets of the settings are shown nowhere and stored nowhere, whatever the upstream sends back. */
export async function checkSecrets(trial: Trial): Promise<void> {
  const { subject, upstream, records } = trial;
  const secrets = secretsOf(trial);
  const [secret = upstream.key] = secrets;
  const spellings = spellingsOf(secret);
  const echoed = markRecords(records).map((record, n) => {
    const spelling = spellings[n % spellings.length] ?? secret;
    return {
      ...record,
      x_conformance_echo: `just received a request with ${spelling}`,
      [`x_${spelling}`]: spelling,
    };
  });
  const [first = {}, ...rest] = echoed;
  upstream.records = [...rest, subject.upstream.invalid(first)];

  for (const [what, disturbance] of disturbances) {
    upstream.disturb(disturbance);
    const store = await trial.openStore();
    const { result, output } = await captureOutput(() => trial.run(store, { http: { retries: 0 } }));
    upstream.disturb(undefined);
    const traces: Trace[] = [
      ["what was printed to standard output or standard error", output],
      ...result.lines.map((line) => ["a log line", line] as const),
      ["the report", inspect([result.report, result.events], { depth: 20, maxStringLength: null })],
      ...[...(await readEverything(store))].map(([key, document]) => [key, writtenForm(document)] as const),
    ];
    refuseTraces(traces, secrets, what);
  }
}

/** Values of secret settings. The suite's key counts as one, whether the connector says so or not. */
function secretsOf({ subject: { connector, upstream: played }, upstream }: Trial): readonly string[] {
  const environment = played.settings(upstream);
  const isUsed = Object.values(environment).some((value) => value.includes(upstream.key));
  const secrets = secretValues(connector.config, parseConfig(connector.config, environment));
  return [...new Set([...(isUsed ? [upstream.key] : []), ...secrets])];
}

/** @throws ConformanceError that says where a secret is, and hides it */
function refuseTraces(traces: readonly Trace[], secrets: readonly string[], what: string): void {
  for (const secret of secrets) {
    for (const spelling of tracesOf(secret)) {
      const found = traces.find(([, text]) => text.includes(spelling));
      const [place = "", text = ""] = found ?? [];
      const at = text.indexOf(spelling);
      ensure(
        found === undefined,
        `a secret of the settings is in ${place}, ${what}: …${text.slice(Math.max(0, at - 40), at)}<the secret>…. Mark the setting with .meta({ secret: true }), send it in \`headers\` of \`http\`, and do not print or log anything that contains it`,
      );
    }
  }
}

/** What an upstream may send back to a request that had a secret in it. */
const disturbances: readonly (readonly [what: string, disturbance: AnswerInstead | undefined])[] = [
  ["when records contain it", undefined],
  ["when a 500 repeats the request", (request) => new Response(repeat(request), { status: 500 })],
  [
    "when a 403 repeats the request as JSON",
    (request) => Response.json({ error: repeat(request), title: repeat(request) }, { status: 403 }),
  ],
  [
    "when a web page repeats the request",
    (request) =>
      new Response(`<html><title>${repeat(request)}</title></html>`, {
        headers: { "content-type": "text/html" },
      }),
  ],
  [
    "when a redirect to another server repeats the request",
    (request) =>
      new Response(null, {
        status: 302,
        headers: { location: `http://localhost:9/?was=${encodeURIComponent(repeat(request))}` },
      }),
  ],
  [
    "when the second request fails",
    (request, nth) => (nth === 1 ? new Response(repeat(request), { status: 400 }) : undefined),
  ],
];

function repeat({ method, url, headers, body }: ReceivedRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${url}`, ...lines, body, ...Object.values(headers).flatMap(spellingsOf)].join("\n");
}

/** How an upstream may write a secret: as it is, and as URLs, forms, PHP, HTML and base64 write it. */
function spellingsOf(secret: string): readonly string[] {
  const base64 = Buffer.from(secret).toString("base64");
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      new URLSearchParams([["", secret]]).toString().slice(1),
      secret.replaceAll("/", String.raw`\/`),
      secret.replaceAll("&", "&amp;"),
      base64,
      base64.replaceAll("+", "-").replaceAll("/", "_"),
      Buffer.from(`Basic user:${secret}`).toString("base64"),
    ]),
  ];
}

/** What a text holds that has a secret in it, however it is written. In base64, neighbours share its first and last characters. */
function tracesOf(secret: string): readonly string[] {
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.from(" ".repeat(before) + secret)
      .toString("base64")
      .slice(4, -4),
  );
  const written = spellingsOf(secret).filter((spelling) => !spelling.endsWith("="));
  return [...written, ...inBase64]
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)])
    .filter((text) => text.length >= 4);
}

/** Settings that look like secrets, or hold the suite's key, are marked as such, and the suite uses one of them where there is any. */
export function findSecretFaults({
  subject: { connector, upstream: played },
  upstream,
}: Trial): readonly string[] {
  const settings = describeConfig(connector.config);
  const environment = played.settings(upstream);
  const unmarked = settings.filter(
    ({ name, secret }) => !secret && (looksSecret.test(name) || environment[name] === upstream.key),
  );
  const secret = settings.filter((setting) => setting.secret);
  const isTried = secret.length === 0 || secret.some(({ name }) => environment[name] !== undefined);
  return [
    ...unmarked.map(
      ({ name }) =>
        `the setting ${name} has a secret that would be printed and stored: add .meta({ secret: true })`,
    ),
    ...(isTried
      ? []
      : [
          `the suite cannot see whether ${secret.map(({ name }) => name).join(", ")} is kept secret: set one of them to \`key\` in \`settings\``,
        ]),
  ];
}

const looksSecret = /(?:^|_)(?:KEY|TOKEN|PASSWORD|PASSPHRASE|SECRET)$/;
