import { familyAt } from "../iocs/families.js";
import { type IocKind, recordAt } from "../iocs/generate-export.js";
import { hexadecimal, scatter } from "../iocs/scatter.js";

/** In which way a value is asked for. */
export type Form = "host" | "url" | "network" | "hash" | "email" | "attack-id" | "cve" | "key" | "name";

export interface MixedValue {
  readonly form: Form;
  readonly text: string;
}

/** Where values come from. */
interface Source {
  /** Another one of 32 bits each time. */
  next(): number;
  /** The value of an IOC in the database. */
  known(kind: IocKind): string;
}

interface MixedKind {
  readonly title: string;
  /** Of a thousand values. */
  readonly share: number;
  readonly form: Form;
  readonly make: (source: Source) => string;
}

const kinds: readonly MixedKind[] = [
  { title: "unknown domain", share: 300, form: "host", make: unknownDomain },
  { title: "known domain", share: 30, form: "host", make: ({ known }) => known("domain") },
  {
    title: "domain below a known one",
    share: 40,
    form: "host",
    make: ({ known }) => `www.${known("domain")}`,
  },
  {
    title: "unknown URL",
    share: 150,
    form: "url",
    make: (source) => `https://${unknownDomain(source)}/${hexadecimal(source.next(), 8)}?q=1`,
  },
  { title: "known URL", share: 20, form: "url", make: ({ known }) => known("url") },
  { title: "unknown address", share: 100, form: "host", make: unknownAddress },
  { title: "known address", share: 30, form: "host", make: ({ known }) => hostOf(known("ip:port")) },
  {
    title: "unknown address with port",
    share: 100,
    form: "host",
    make: (source) => `${unknownAddress(source)}:443`,
  },
  { title: "known address with port", share: 20, form: "host", make: ({ known }) => known("ip:port") },
  {
    title: "unknown IPv6 address",
    share: 10,
    form: "host",
    make: ({ next }) => `2001:db8::${(next() % 65_536).toString(16)}`,
  },
  {
    title: "network of 256 addresses",
    share: 9,
    form: "network",
    make: ({ known }) => `${networkOf(known("ip:port"), 3)}/24`,
  },
  {
    title: "network of 65,536 addresses",
    share: 1,
    form: "network",
    make: ({ known }) => `${networkOf(known("ip:port"), 2)}/16`,
  },
  { title: "unknown hash", share: 50, form: "hash", make: ({ next }) => hexadecimal(next(), 40) },
  { title: "known hash", share: 20, form: "hash", make: ({ known }) => known("sha256_hash") },
  {
    title: "unknown e-mail address",
    share: 20,
    form: "email",
    make: (source) => `user${source.next() % 1_000}@${unknownDomain(source)}`,
  },
  {
    title: "id of a technique",
    share: 20,
    form: "attack-id",
    make: ({ next }) => `T${1_001 + (next() % 680)}`,
  },
  {
    title: "CVE",
    share: 20,
    form: "cve",
    make: ({ next }) => `CVE-20${10 + (next() % 17)}-${1_000 + (next() % 50_000)}`,
  },
  { title: "key of a family", share: 10, form: "key", make: malpediaKey },
  { title: "name of a family", share: 10, form: "name", make: ({ next }) => familyAt(next()).name },
  { title: "name of a group", share: 10, form: "name", make: ({ next }) => pick(groups, next()) },
  {
    title: "tag",
    share: 5,
    form: "name",
    make: ({ next }) => pick(["c2", `AS${1_000 + (next() % 60_000)}`], next()),
  },
  {
    title: "nonsense",
    share: 25,
    form: "name",
    make: ({ next }) => `${pick(words, next())} ${next() % 1_000}`,
  },
];

const groups = [
  "APT28",
  "APT29",
  "Lazarus Group",
  "FIN7",
  "Turla",
  "Wizard Spider",
  "Sandworm Team",
  "OilRig",
];
const words = ["invoice", "printer", "update server", "backup", "test", "localhost", "n/a", "meeting room"];
/** How many of a thousand lines repeat an earlier one. */
const repeatedShare = 300;

/** The mix in words. */
export const mixture = [
  ...kinds.map(({ title, share }) => `${(share / 10).toFixed(1)}% ${title}`),
  `of it, ${repeatedShare / 10}% of the lines repeat an earlier one`,
].join(", ");

/**
 * Values as in a log of a proxy with some others among them; the same ones on each call.
 *
 * @param records how many generated IOCs are known
 */
export function generateValues(count: number, records: number): readonly MixedValue[] {
  const source = createSource(records);
  const values: MixedValue[] = [];
  while (values.length < count) {
    const earlier = values[source.next() % Math.max(1, values.length)];
    const isRepeated = source.next() % 1_000 < repeatedShare;
    values.push(isRepeated && earlier !== undefined ? earlier : makeValue(source));
  }
  return values;
}

const seed = 20_261_128;

function createSource(records: number): Source {
  let position = seed;
  const next = () => {
    position += 1;
    return scatter(position);
  };
  return {
    next,
    known(kind) {
      for (let index = next() % records; ; index = (index + 1) % records) {
        const { ioc_type, ioc_value } = recordAt(index);
        if (ioc_type === kind) {
          return ioc_value;
        }
      }
    },
  };
}

function makeValue(source: Source): MixedValue {
  let left = source.next() % 1_000;
  for (const { share, form, make } of kinds) {
    left -= share;
    if (left < 0) {
      return { form, text: make(source) };
    }
  }
  throw new Error("The shares of the kinds do not add up to 1,000.");
}

function unknownDomain({ next }: Source): string {
  return `${pick(["www", "cdn", "api", "mail"], next())}.site-${next() % 1_000_000}.example`;
}

/** Of the addresses for documentation and private use, which no IOC has. */
function unknownAddress({ next }: Source): string {
  return `10.${next() % 256}.${next() % 256}.${next() % 256}`;
}

/** Not `unknown`, which is no key of Malpedia. */
function malpediaKey({ next }: Source): string {
  for (;;) {
    const { key } = familyAt(next());
    if (key.includes(".")) {
      return key;
    }
  }
}

function hostOf(value: string): string {
  return value.slice(0, value.indexOf(":"));
}

function networkOf(value: string, bytes: number): string {
  const address = hostOf(value).split(".");
  return address.map((byte, index) => (index < bytes ? byte : "0")).join(".");
}

function pick(texts: readonly string[], number: number): string {
  return texts[number % texts.length] ?? "";
}
