import { formatCount } from "../parts/numbers.js";
import { Listed, Section } from "../parts/section.js";
import { type AttackSummaryJson, RelatedItem } from "./related.js";

interface TechniquesByTacticProps {
  readonly techniques: readonly AttackSummaryJson[];
  /** Short names of tactics, in the matrix's order. */
  readonly order: readonly string[];
  /** The type of what they belong to. */
  readonly of: string;
}

const first = 8;

/** A technique of several tactics is below each of them. */
export function TechniquesByTactic({ techniques, order, of }: TechniquesByTacticProps) {
  if (techniques.length === 0) {
    return null;
  }
  const named = new Set(techniques.flatMap(({ tactics }) => tactics));
  const tactics = [...new Set([...order, ...named])].filter((tactic) => named.has(tactic));
  return (
    <Section title={titles[of] ?? "Techniques it uses"} count={techniques.length}>
      <div class="tactics">
        {tactics.map((tactic) => {
          const below = techniques.filter((technique) => technique.tactics.includes(tactic));
          return (
            <div key={tactic}>
              <h3>
                {nameTactic(tactic)} <small>{formatCount(below.length, "technique")}</small>
              </h3>
              <Listed items={below} first={first}>
                {(shown) => (
                  <ul class="related">
                    {shown.map((technique) => (
                      <RelatedItem key={technique.id} {...technique} />
                    ))}
                  </ul>
                )}
              </Listed>
            </div>
          );
        })}
      </div>
    </Section>
  );
}

const titles: Readonly<Record<string, string>> = {
  "course-of-action": "Techniques it mitigates",
  "x-mitre-detection-strategy": "Techniques it detects",
  "x-mitre-data-component": "Techniques it detects",
  "x-mitre-asset": "Techniques that target it",
  "x-mitre-tactic": "Its techniques",
};

/** `command-and-control` → `Command and Control`. */
function nameTactic(shortName: string): string {
  return shortName
    .split("-")
    .map((word) => (word === "and" ? word : `${word.charAt(0).toUpperCase()}${word.slice(1)}`))
    .join(" ");
}
