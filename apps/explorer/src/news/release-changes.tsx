import type { ChangesJson } from "@cti-connectors/server/answers";
import { askChanges } from "../api/questions.js";
import { useAnswer } from "../api/use-answer.js";
import { typeNames } from "../entity/attack-types.js";
import { AttackLink } from "../location/attack-link.js";
import { Answered, Empty } from "../parts/answer-state.js";
import { formatCount } from "../parts/numbers.js";
import { Listed } from "../parts/section.js";

type Change = ChangesJson["changes"][number];

interface ReleaseChangesProps {
  readonly domain: string;
  readonly from: string;
  readonly to: string;
}

/** What changed between two releases, without relationships: these are part of what they relate. */
export function ReleaseChanges({ domain, from, to }: ReleaseChangesProps) {
  const asked = useAnswer(askChanges(domain, from, to));
  return (
    <Answered asked={asked} what={`the changes from ${from} to ${to}`}>
      {({ changes: all }) => {
        const changes = all.filter(hasName);
        return changes.length === 0 ? (
          <Empty>Nothing changed.</Empty>
        ) : (
          kinds.map(({ name, of }) => <ChangesOfKind key={name} name={name} changes={changes.filter(of)} />)
        );
      }}
    </Answered>
  );
}

function hasName({ type, attack_id }: Change): boolean {
  return type !== "relationship" && attack_id !== undefined;
}

const kinds: readonly { readonly name: string; readonly of: (change: Change) => boolean }[] = [
  { name: "Added", of: ({ class: kind }) => kind === "additions" },
  { name: "New major version", of: ({ class: kind }) => kind === "major_version_changes" },
  {
    name: "Revoked or deprecated",
    of: ({ class: kind }) => kind === "revocations" || kind === "deprecations",
  },
  { name: "Deleted", of: ({ class: kind }) => kind === "deletions" },
  {
    name: "Smaller changes",
    of: ({ class: kind }) =>
      kind === "minor_version_changes" || kind === "other_version_changes" || kind === "patches",
  },
];

function ChangesOfKind({ name, changes }: { readonly name: string; readonly changes: readonly Change[] }) {
  if (changes.length === 0) {
    return null;
  }
  return (
    <details class="folded" open={name === "Added"}>
      <summary>
        {name} <span class="badge">{formatCount(changes.length, "object")}</span>
      </summary>
      <Listed items={changes} first={15}>
        {(shown) => (
          <ul class="related">
            {shown.map(
              ({ id, attack_id = id, type, name: named, previous_attack_version, attack_version }) => (
                <li key={id}>
                  <AttackLink id={attack_id}>
                    <span class="id">{attack_id}</span> <span class="name">{named}</span>
                  </AttackLink>{" "}
                  <small>
                    {typeNames[type]?.one ?? type}
                    {previous_attack_version !== undefined &&
                      previous_attack_version !== attack_version &&
                      `, ${previous_attack_version} → ${attack_version}`}
                  </small>
                </li>
              ),
            )}
          </ul>
        )}
      </Listed>
    </details>
  );
}
