import { taxiiContentType } from "./taxii-error.js";
import type { ApiRoot, TaxiiServer } from "./taxii-server.js";

/** TAXII 2.1 §4.1. The ATT&CK server lists its roots as paths without a slash at the end. */
export function discovery(server: TaxiiServer, origin: string): object {
  const paths = [...server.roots.map(({ path }) => path), ...(server.behavior.deadRoots ?? [])];
  const roots = paths.map((path) => (server.flavor === "attack" ? path.replace(/\/$/, "") : origin + path));
  return {
    title: server.roots[0]?.title,
    description: server.roots[0]?.description,
    contact: "sandbox@example.com",
    default: roots[0],
    api_roots: roots,
  };
}

/** TAXII 2.1 §4.2. */
export function apiRoot(server: TaxiiServer, { title, description }: ApiRoot): object {
  return {
    title,
    description,
    versions: [taxiiContentType],
    max_content_length: server.flavor === "attack" ? 1000 : 104_857_600,
  };
}
