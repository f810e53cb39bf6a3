import { badRequest } from "../protocol/taxii-refusal.js";

/**
 * @returns undefined where the query does not have the parameter
 * @throws TaxiiRefusal 400 where it has it more than once
 */
export function readParameter(query: URLSearchParams, name: string): string | undefined {
  const [value, ...more] = query.getAll(name);
  if (more.length > 0) {
    throw badRequest(`${name} must not occur more than once`);
  }
  return value;
}
