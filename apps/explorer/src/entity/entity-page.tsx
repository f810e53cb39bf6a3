import type { LookupJson } from "@cti-connectors/server/answers";
import { useRoute } from "preact-iso/router";
import { askLookup } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { ShownRelease } from "../location/attack-link.js";
import { useQuery } from "../location/use-query.js";
import { Answered } from "../parts/answer-state.js";
import { PageHead } from "../parts/page-head.js";
import { LookupAnswer } from "../search/lookup-answer.js";

/** One object of ATT&CK, malware family or vulnerability, named by the address. */
export function EntityPage() {
  const { id = "" } = useRoute().params;
  const release = useQuery().get("release");
  // Nothing of the one before stays while the next is loading.
  return <Entity key={`${id} ${release}`} id={id} release={release} />;
}

interface EntityProps {
  readonly id: string;
  readonly release: string | undefined;
}

const mostIocs = 100;

function Entity({ id, release }: EntityProps) {
  const asked = useAnswer(askLookup(id, { release, limit: mostIocs }));
  return (
    <main>
      <PageHead title={asked.answer === undefined ? id : nameOf(asked.answer)}>
        {release !== undefined && <span class="badge">ATT&CK {release}</span>}
      </PageHead>
      <Answered asked={asked} what={id}>
        {(answer) => (
          <ShownRelease.Provider value={release}>
            <LookupAnswer answer={answer} />
          </ShownRelease.Provider>
        )}
      </Answered>
    </main>
  );
}

/** Such as `T1059.001 PowerShell`. */
function nameOf({ term, attack: [first], families: [family], vulnerability }: LookupJson): string {
  if (family?.malware === term) {
    return family.name;
  }
  if (vulnerability !== undefined) {
    return [vulnerability.id, vulnerability.name].filter((part) => typeof part === "string").join(" ");
  }
  const { attack_id, name } = first?.object ?? {};
  return name === undefined ? term : [attack_id, name].filter((part) => part !== undefined).join(" ");
}
