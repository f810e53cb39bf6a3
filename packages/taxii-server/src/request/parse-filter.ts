import { badRequest } from "../protocol/taxii-refusal.js";
import { normalizeTimestamp } from "../protocol/timestamp.js";
import { lastVersion, type TaxiiFilter, type VersionFilter } from "../source/taxii-filter.js";
import { readParameter } from "./read-parameter.js";

/** What the values of a field look like, for those that are taken as they are. */
const forms = {
  id: /^[^\s\p{C}]{1,350}$/u,
  type: /^[\w-]{1,250}$/,
  spec_version: /^\d{1,3}\.\d{1,3}$/,
} as const;

/** Whether a text has the form of the id of a STIX object. */
export function isObjectId(text: string): boolean {
  return forms.id.test(text);
}

const fields: readonly string[] = [...Object.keys(forms), "version"];

/**
 * The filter of a request (TAXII 2.1 §3.4). Parameters that are none of a filter's are passed over.
 *
 * @throws TaxiiRefusal 400 where a field is unknown, a parameter is given twice, or a value does not have its form
 */
export function parseFilter(query: URLSearchParams): TaxiiFilter {
  for (const name of query.keys()) {
    const field = /^match\[(.*)\]$/s.exec(name)?.[1];
    if (field !== undefined && !fields.includes(field)) {
      throw badRequest(`match[${field}] is not a filter of TAXII 2.1: it has ${fields.join(", ")}`);
    }
  }
  const addedAfter = readParameter(query, "added_after");
  const [ids, types, specVersions] = [
    readValues(query, "id"),
    readValues(query, "type"),
    readValues(query, "spec_version"),
  ];
  return {
    ...(addedAfter !== undefined && { addedAfter: readTimestamp("added_after", addedAfter) }),
    ...(ids !== undefined && { ids }),
    ...(types !== undefined && { types }),
    ...(specVersions !== undefined && { specVersions }),
    versions: readVersions(query),
  };
}

function readValues(query: URLSearchParams, field: keyof typeof forms): readonly string[] | undefined {
  const values = readList(query, field);
  for (const value of values ?? []) {
    if (!forms[field].test(value)) {
      throw badRequest(`match[${field}] has a value that cannot be one: "${value}"`);
    }
  }
  return values;
}

function readVersions(query: URLSearchParams): VersionFilter {
  const values = readList(query, "version");
  if (values === undefined) {
    return lastVersion;
  }
  if (values.includes("all")) {
    if (values.length > 1) {
      throw badRequest('match[version]: "all" cannot be combined with other values');
    }
    return "all";
  }
  return {
    first: values.includes("first"),
    last: values.includes("last"),
    timestamps: values
      .filter((value) => value !== "first" && value !== "last")
      .map((value) => readTimestamp("match[version]", value)),
  };
}

/** The values of a field, which commas separate. Without any it counts as absent, as other servers have it. */
function readList(query: URLSearchParams, field: string): readonly string[] | undefined {
  const text = readParameter(query, `match[${field}]`);
  const values = text?.split(",").flatMap((value) => value.trim() || []);
  return values?.length === 0 ? undefined : values;
}

function readTimestamp(name: string, text: string): string {
  const timestamp = normalizeTimestamp(text);
  if (timestamp === undefined) {
    const expected = name === "added_after" ? "a timestamp" : "all, first, last or a timestamp";
    throw badRequest(`${name} is not ${expected} such as 2026-01-31T12:00:00Z: "${text}"`);
  }
  return timestamp;
}
