import { taxiiContentType } from "@cti-connectors/taxii-server";
import type { AttackRoot, AttackServer } from "./attack-server.js";

/** TAXII 2.1 §4.1. The ATT&CK server lists its roots as paths without a slash at the end. */
export function discovery({ roots, behavior }: AttackServer): object {
  const paths = [...roots.map(({ path }) => path), ...(behavior.deadRoots ?? [])];
  const listed = paths.map((path) => path.replace(/\/$/, ""));
  return {
    title: roots[0]?.title,
    description: roots[0]?.description,
    contact,
    default: listed[0],
    api_roots: listed,
  };
}

/** TAXII 2.1 §4.2. */
export function apiRoot({ title, description }: AttackRoot): object {
  return { title, description, versions: [taxiiContentType], max_content_length: 1000 };
}

/** Of a sandbox of either flavor. */
export const contact = "sandbox@example.com";
