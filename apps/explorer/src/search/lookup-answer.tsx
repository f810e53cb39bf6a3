import type { LookupJson } from "@cti-connectors/server/answers";
import { AttackCard } from "../entity/attack-card.js";
import { typeNames } from "../entity/attack-types.js";
import { linkToAttack, linkToSearch } from "../location/links.js";
import { Empty } from "../parts/answer-state.js";
import { formatNumber } from "../parts/numbers.js";
import { Listed, Section } from "../parts/section.js";
import { formatAge } from "../parts/time.js";
import { FamilyCard, FamilyTable } from "./family-card.js";
import { IocTable } from "./ioc-table.js";
import { VulnerabilityCard } from "./vulnerability-card.js";

const firstIocs = 10;
/** More families than this are those of what was looked up, such as a group's, and in short. */
const mostCards = 1;

/** Everything that is known about a term. */
export function LookupAnswer({ answer }: { readonly answer: LookupJson }) {
  const { iocs, families, attack, tactics, vulnerability } = answer;
  if (!answer.found) {
    return <NotFound {...answer} />;
  }
  return (
    <>
      {iocs.total > 0 && (
        <Section title="IOCs" count={iocs.total}>
          <Listed items={iocs.newest} first={firstIocs}>
            {(shown) => <IocTable iocs={shown} label="IOCs" />}
          </Listed>
          {iocs.total > iocs.newest.length && (
            <p>
              <small>
                The newest {formatNumber(iocs.newest.length)} of {iocs.total_is_exact ? "" : "more than "}
                {formatNumber(iocs.total)} are here.
              </small>
            </p>
          )}
        </Section>
      )}
      {vulnerability !== undefined && <VulnerabilityCard {...vulnerability} />}
      {families.length <= mostCards &&
        families.map((family) => <FamilyCard key={family.malware} {...family} />)}
      {attack.map((each) => (
        <AttackCard key={each.object.id} answer={each} tactics={tactics} />
      ))}
      {families.length > mostCards && <FamilyTable families={families} />}
    </>
  );
}

function NotFound({ term, read_as, suggestions, searched }: LookupJson) {
  return (
    <Empty>
      <p>
        <strong>Nothing is known about {term}.</strong> It was read as {read_as.join(" or ")}.
      </p>
      <p>Searched:</p>
      <ul class="bullets">
        {searched.map(({ connector, loaded_at, part_loaded_at }) => (
          <li key={connector}>
            {connector},{" "}
            {loaded_at === undefined ? "never loaded completely" : `complete as of ${formatAge(loaded_at)}`}
            {part_loaded_at !== undefined && `, in part ${formatAge(part_loaded_at)}`}
          </li>
        ))}
      </ul>
      {suggestions.length > 0 && (
        <>
          <p>These names are like it:</p>
          <ul class="spaced">
            {suggestions.map(({ name, id, type }) => (
              <li key={id}>
                <a href={/^[A-Z]{1,3}\d{4}/.test(id) ? linkToAttack(id) : linkToSearch(id)}>{name}</a>{" "}
                <small>
                  {typeNames[type]?.one ?? type} {id}
                </small>
              </li>
            ))}
          </ul>
        </>
      )}
    </Empty>
  );
}
