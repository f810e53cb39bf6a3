import type { AttackAnswerJson } from "@cti-connectors/server/answers";
import { AttackLink } from "../location/attack-link.js";
import { Description } from "../parts/description.js";
import { Listed, Section } from "../parts/section.js";

export type AttackSummaryJson = AttackAnswerJson["groups"][number];

interface RelatedProps {
  readonly title: string;
  readonly items: readonly AttackSummaryJson[];
}

const first = 12;

/** Objects of ATT&CK that something is related with. */
export function Related({ title, items }: RelatedProps) {
  if (items.length === 0) {
    return null;
  }
  return (
    <Section title={title} count={items.length}>
      <Listed items={items} first={first}>
        {(shown) => (
          <ul class="related">
            {shown.map((item) => (
              <RelatedItem key={item.id} {...item} />
            ))}
          </ul>
        )}
      </Listed>
    </Section>
  );
}

/** With what ATT&CK says about the relation, folded. */
export function RelatedItem(summary: AttackSummaryJson) {
  const { id, attack_id = id, name, deprecated, relations, descriptions } = summary;
  return (
    <li>
      <AttackLink id={attack_id}>
        <span class="id">{summary.attack_id}</span> <span class="name">{name}</span>
      </AttackLink>
      {deprecated && <span class="badge warn">deprecated</span>}
      {relations > 1 && <small title={`related ${relations} times`}> ×{relations}</small>}
      {descriptions.length > 0 && (
        <details>
          <summary>
            how<span class="unseen"> {name} is related</span>
          </summary>
          {descriptions.map((text) => (
            <Description key={text} text={text} />
          ))}
        </details>
      )}
    </li>
  );
}
