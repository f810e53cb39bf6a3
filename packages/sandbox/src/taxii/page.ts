/** A part of a list, as TAXII hands it out (TAXII 2.1 §3.5). */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Absent: the request did not ask for pages. */
  readonly more?: boolean;
  readonly next?: string;
}

export type Paginate = <Item>(items: readonly Item[], query: URLSearchParams) => Page<Item>;
