import { askLookup } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { linkToSearch } from "../location/links.js";
import { useQuery } from "../location/use-query.js";
import { Answered } from "../parts/answer-state.js";
import { PageHead } from "../parts/page-head.js";
import { LookupAnswer } from "./lookup-answer.js";
import { SearchBox } from "./search-box.js";

const mostIocs = 100;
const examples = ["APT29", "Cobalt Strike", "win.vidar", "T1059.001", "CVE-2021-44228", "203.0.113.0/24"];

/** The start, and the answer to what was searched for. */
export function SearchPage() {
  const query = useQuery();
  const term = query.get("q");
  const asked = useAnswer(
    term === undefined ? undefined : askLookup(term, { release: query.get("release"), limit: mostIocs }),
  );
  return (
    <main>
      <PageHead title={term === undefined ? "Search" : `Search: ${term}`}>
        {asked.answer !== undefined && <span class="badge">read as {asked.answer.read_as.join(", ")}</span>}
      </PageHead>
      <SearchBox key={term} term={term ?? ""} />
      {term === undefined ? (
        <p class="examples">
          Looks up an indicator (defanged or not), a network, an id or a name. For example{" "}
          {examples.map((example) => (
            <a key={example} href={linkToSearch(example)}>
              {example}
            </a>
          ))}
        </p>
      ) : (
        <Answered asked={asked} what="what is known about it">
          {(answer) => <LookupAnswer answer={answer} />}
        </Answered>
      )}
    </main>
  );
}
