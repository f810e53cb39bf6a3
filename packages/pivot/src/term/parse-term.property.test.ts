import { type EnrichedIoc, enrichIoc, iocRecord } from "@cti-connectors/threatfox";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { parseTerm, type Reading } from "./parse-term.js";

vi.setConfig({ testTimeout: 60_000 });

const seed = 20_261_128;

const path = fc.string({ unit: fc.constantFrom(..."aZ09./?#=&%[](){}<>@:,;!'-_~ "), maxLength: 20 });
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);
const url = fc
  .tuple(fc.constantFrom("http", "https", "ftp", "tcp", "ws2"), host, fc.constantFrom("", ":8443"), path)
  .map(([scheme, name, port, rest]) => `${scheme}://${name}${port}/${rest}`.trim());
// Brackets are allowed before the @, and nobody has them there.
const email = fc
  .tuple(fc.stringMatching(/^[a-z0-9](?:[a-z0-9._+-]{0,8}[a-z0-9])?$/), fc.domain())
  .map((parts) => parts.join("@"));
const values = fc.oneof(
  fc.record({ ioc_type: fc.constant("domain"), ioc: fc.domain() }),
  fc.record({ ioc_type: fc.constant("url"), ioc: url }),
  fc.record({ ioc_type: fc.constant("ip:port"), ioc: fc.oneof(fc.ipV4(), fc.ipV6()) }),
  fc.record({
    ioc_type: fc.constant("ip:port"),
    ioc: fc.oneof(host, fc.ipV4()).map((name) => `${name}:443`),
  }),
  fc.record({ ioc_type: fc.constant("body_from"), ioc: email }),
  fc.record({ ioc_type: fc.constant("md5_hash"), ioc: fc.stringMatching(/^[0-9a-f]{32}$/) }),
);
const indicators = values.map((ioc) => enrichIoc(iocRecord.parse({ id: "1", ...ioc })));

/** Whether the IOC is what a reading looks for, and not only something on the same host. */
function isMeant({ indicator: { value, host: ownHost, type } }: EnrichedIoc, reading: Reading): boolean {
  switch (reading.kind) {
    case "url":
    case "email":
      return reading.value === value;
    case "hash":
      return reading.values.includes(value);
    case "address":
    case "domain":
      return reading.host === ownHost && (type === "ip:port" || type === "domain");
    default:
      return false;
  }
}

test("an IOC is found by its value, and by how we defang it", () => {
  fc.assert(
    fc.property(indicators, (ioc) => {
      for (const text of [ioc.indicator.value, ioc.defanged]) {
        expect(
          parseTerm(text).readings.some((reading) => isMeant(ioc, reading)),
          text,
        ).toBe(true);
      }
    }),
    { seed, numRuns: 500 },
  );
});

/** What people write for a dot, an @, and the start of a URL. */
const dots = [
  "[.]",
  "(.)",
  "{.}",
  "[dot]",
  "(dot)",
  "[DOT]",
  " [.] ",
  "[d]",
  "\\.",
  "[.",
  ".]",
  "．",
  "<.>",
  "\\[.\\]",
  " dot ",
];
const ats = ["@", "[at]", "(at)", "[@]", " (at) ", " at "];
const starts = [
  "hxxp://",
  "hXXp[:]//",
  "hxxp[://]",
  "h**p://",
  "meow://",
  "[http]://",
  "hxxp:\\/\\/",
  "hxxp :// ",
];
const around = [
  "%",
  '"%"',
  "`%`",
  "<%>",
  "(%)",
  "%,",
  "%;",
  '"%",',
  "- %",
  "\u200b%\ufeff",
  "ioc: %",
  "“%”.",
];

test.each([
  ...starts.map((start) => [start, "http://c2.sub.example:8080/a?b=1"] as const),
  ...["c2.sub.example", "203.0.113.5", "203.0.113.5:443", "203.0.113.0/24", "m@mail.example"].map(
    (value) => ["http://", value] as const,
  ),
])("%s…: what people make of %s is read like it", (start, value) => {
  const [expected] = parseTerm(value).readings;
  for (const dot of dots) {
    for (const at of value.includes("@") ? ats : ["@"]) {
      for (const wrapping of around) {
        const host = value.replace("http://", "");
        const written = host.replaceAll(".", dot).replace("@", at);
        const text = wrapping.replace("%", value === host ? written : start + written);
        expect(parseTerm(text).readings, text).toContainEqual(expected);
      }
    }
  }
});
