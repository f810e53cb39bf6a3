import type { AttackAnswerJson } from "@cti-connectors/server/answers";
import { AttackLink } from "../location/attack-link.js";
import { linkToMatrix } from "../location/links.js";
import { Description } from "../parts/description.js";
import { SafeLink } from "../parts/safe-link.js";
import { Section } from "../parts/section.js";
import { Time } from "../parts/time.js";
import { typeNames } from "./attack-types.js";
import { Related } from "./related.js";
import { TechniquesByTactic } from "./techniques-by-tactic.js";

interface AttackCardProps {
  readonly answer: AttackAnswerJson;
  /** Short names, in the matrix's order. */
  readonly tactics: readonly string[];
}

/** An object of ATT&CK and everything that is related with it. */
export function AttackCard({ answer, tactics }: AttackCardProps) {
  const { object, successor } = answer;
  const { attack_id = object.id, name = attack_id, description } = object;
  return (
    <article class="attack" aria-label={`${attack_id} ${name}`}>
      <Section
        title={
          <>
            {typeNames[object.type]?.one ?? object.type}{" "}
            <AttackLink id={attack_id}>
              {attack_id} {name}
            </AttackLink>
          </>
        }
        aside={object.url !== undefined && <SafeLink to={object.url}>attack.mitre.org</SafeLink>}
      >
        {object.revoked && (
          <p class="note">
            Revoked.{" "}
            {successor !== undefined && (
              <>
                Use{" "}
                <AttackLink id={successor.attack_id ?? successor.id}>
                  {successor.attack_id} {successor.name}
                </AttackLink>{" "}
                in its place.
              </>
            )}
          </p>
        )}
        {object.deprecated && <p class="note">Deprecated.</p>}
        {description !== undefined && <Description text={description} />}
        <Facts answer={answer} />
      </Section>
      <div class="related-grid">
        <TechniquesByTactic techniques={answer.techniques} order={tactics} of={object.type} />
        <Related title="Sub-techniques" items={answer.sub_techniques} />
        <Related title="Groups" items={answer.groups} />
        <Related title="Campaigns" items={answer.campaigns} />
        <Related title="Software" items={answer.software} />
        <Related title="Mitigations" items={answer.mitigations} />
        <Related title="Detection strategies" items={answer.detection_strategies} />
        <Related title="Data components" items={answer.data_components} />
      </div>
    </article>
  );
}

function Facts({ answer: { object, parent } }: Pick<AttackCardProps, "answer">) {
  const { attack_id, name, aliases, platforms, tactics, domains, attack_version } = object;
  const others = aliases.filter((alias) => alias !== name);
  const lists = [
    { label: "Also called", values: others },
    { label: "Tactics", values: tactics },
    { label: "Platforms", values: platforms },
    { label: "Domains", values: domains },
  ];
  return (
    <dl class="facts">
      {parent !== undefined && (
        <>
          <dt>Sub-technique of</dt>
          <dd>
            <AttackLink id={parent.attack_id ?? parent.id}>
              {parent.attack_id} {parent.name}
            </AttackLink>
          </dd>
        </>
      )}
      {lists
        .filter(({ values }) => values.length > 0)
        .map(({ label, values }) => (
          <>
            <dt>{label}</dt>
            <dd>{values.join(", ")}</dd>
          </>
        ))}
      <dt>Version</dt>
      <dd>
        {attack_version ?? "–"}, changed <Time at={object.modified} day />
      </dd>
      {typeNames[object.type]?.isUser && attack_id !== undefined && (
        <>
          <dt>Matrix</dt>
          <dd class="spaced">
            {domains.map((domain) => (
              <a key={domain} href={linkToMatrix(domain, { by: "subjects", subject: attack_id })}>
                {domain}
              </a>
            ))}
          </dd>
        </>
      )}
    </dl>
  );
}
