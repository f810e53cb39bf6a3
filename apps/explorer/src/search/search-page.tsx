import { askLookup } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { ShownRelease } from "../location/attack-link.js";
import { useQuery } from "../location/use-query.js";
import { Answered } from "../parts/answer-state.js";
import { PageHead } from "../parts/page-head.js";
import { LookupAnswer } from "./lookup-answer.js";
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
    <Found key={term} term={term} release={query.get("release")} />
  );
}

interface FoundProps {
  readonly term: string;
  readonly release: string | undefined;
}

const mostIocs = 100;

function Found({ term, release }: FoundProps) {
  const asked = useAnswer(askLookup(term, { release, limit: mostIocs }));
  return (
    <main>
      <PageHead title={`Search: ${term}`}>
        {asked.answer !== undefined && <span class="badge">read as {asked.answer.read_as.join(", ")}</span>}
      </PageHead>
      <SearchBox term={term} />
      <Answered asked={asked} what="what is known about it">
        {(answer) => (
          <ShownRelease.Provider value={release}>
            <LookupAnswer answer={answer} />
          </ShownRelease.Provider>
        )}
      </Answered>
    </main>
  );
}
