import { useMemo } from "preact/hooks";
import { useLocation } from "preact-iso/router";

/** Changes of the query: a list stands for a parameter that is there several times, undefined takes it away. */
export type QueryChange = Readonly<Record<string, string | readonly string[] | undefined>>;

export interface PageQuery {
  /** undefined where it is absent or empty. */
  get(name: string): string | undefined;
  getAll(name: string): readonly string[];
  /** The address with a change. */
  with(change: QueryChange): string;
  /** Goes there. `replace`: without an entry of its own in the history. */
  change(change: QueryChange, replace?: boolean): void;
}

/** The query of the page's address, which holds the state of a view so that it can be shared. */
export function useQuery(): PageQuery {
  const { url, route } = useLocation();
  return useMemo(() => {
    const { pathname, searchParams } = new URL(url, location.origin);
    const withChange = (change: QueryChange) => {
      const next = new URLSearchParams(searchParams);
      for (const [name, value] of Object.entries(change)) {
        next.delete(name);
        for (const each of typeof value === "string" ? [value] : (value ?? [])) {
          next.append(name, each);
        }
      }
      return next.size === 0 ? pathname : `${pathname}?${next}`;
    };
    return {
      get: (name) => searchParams.get(name) || undefined,
      getAll: (name) => searchParams.getAll(name).filter((value) => value !== ""),
      with: withChange,
      change: (change, replace = false) => route(withChange(change), replace),
    };
  }, [url, route]);
}
