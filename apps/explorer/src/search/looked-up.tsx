import type { LookupJson } from "@cti-connectors/server/answers";
import type { ComponentChildren } from "preact";
import { askLookup } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { ShownRelease } from "../location/attack-link.js";
import { Answered } from "../parts/answer-state.js";
import { LookupAnswer } from "./lookup-answer.js";

interface LookedUpProps {
  readonly term: string;
  readonly release: string | undefined;
  /** What is loading, in words. */
  readonly what: string;
  /** What stands above the answer, which is undefined while it is loading. */
  head(answer: LookupJson | undefined): ComponentChildren;
}

const mostIocs = 100;

/** All that is known of a term. */
export function LookedUp({ term, release, what, head }: LookedUpProps) {
  const asked = useAnswer(askLookup(term, { release, limit: mostIocs }));
  return (
    <main>
      {head(asked.answer)}
      <Answered asked={asked} what={what}>
        {(answer) => (
          <ShownRelease.Provider value={release}>
            <LookupAnswer answer={answer} />
          </ShownRelease.Provider>
        )}
      </Answered>
    </main>
  );
}
