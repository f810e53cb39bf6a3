import { useQuery } from "../location/use-query.js";
import { PageHead } from "../parts/page-head.js";
import { LookedUp } from "./looked-up.js";
import { SearchBox } from "./search-box.js";
import { Start } from "./start.js";

/** The start, and the answer to what was searched for. */
export function SearchPage() {
  const query = useQuery();
  const term = query.get("q");
  return term === undefined ? (
    <main>
      <PageHead title="Search" />
      <SearchBox term="" />
      <Start />
    </main>
  ) : (
    // Nothing of the search before stays while the next is loading.
    <LookedUp
      key={term}
      term={term}
      release={query.get("release")}
      what="what is known about it"
      head={(answer) => (
        <>
          <PageHead title={`Search: ${term}`}>
            {answer !== undefined && <span class="badge">read as {answer.read_as.join(", ")}</span>}
          </PageHead>
          <SearchBox term={term} />
        </>
      )}
    />
  );
}
