/** The path that the page is served below, such as `/`: with a slash at its end. */
const basePath = new URL(document.baseURI).pathname;

/** Paths of views. Each is also the pattern of a route where its parameters are as in `routes`. */
export const routes = {
  start: basePath,
  search: `${basePath}search`,
  attack: `${basePath}attack/:id`,
  family: `${basePath}family/:id`,
  vulnerability: `${basePath}cve/:id`,
  matrix: `${basePath}matrix/:domain?`,
  news: `${basePath}new`,
  connectors: `${basePath}connectors`,
} as const;

export function linkToSearch(term: string): string {
  return `${routes.search}?${new URLSearchParams({ q: term })}`;
}

/** @param id ATT&CK id or STIX id */
export function linkToAttack(id: string, release?: string): string {
  const query = release === undefined ? "" : `?${new URLSearchParams({ release })}`;
  return `${basePath}attack/${encodeURIComponent(id)}${query}`;
}

/** @param key at Malpedia, such as `win.emotet` */
export function linkToFamily(key: string): string {
  return `${basePath}family/${encodeURIComponent(key)}`;
}

export function linkToVulnerability(cve: string): string {
  return `${basePath}cve/${encodeURIComponent(cve)}`;
}

/** @param query such as `{ by: "subjects", subject: "G0016" }` */
export function linkToMatrix(domain: string, query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `${basePath}matrix/${encodeURIComponent(domain)}${search === "" ? "" : `?${search}`}`;
}
