import type { LookupJson } from "@cti-connectors/server/answers";
import { AttackLink } from "../location/attack-link.js";
import { linkToFamily, linkToMatrix } from "../location/links.js";
import { SafeLink } from "../parts/safe-link.js";
import { ScrollBox } from "../parts/scroll-box.js";
import { Listed, Section } from "../parts/section.js";

type Family = LookupJson["families"][number];

export function FamilyCard({ malware, name, aliases, state, links }: Family) {
  return (
    <Section
      title={
        <>
          Malware family <a href={linkToFamily(malware)}>{name}</a>
        </>
      }
      aside={
        <SafeLink to={`https://malpedia.caad.fkie.fraunhofer.de/details/${encodeURIComponent(malware)}`}>
          Malpedia
        </SafeLink>
      }
    >
      <dl class="facts">
        <dt>Key</dt>
        <dd>
          <code>{malware}</code>
        </dd>
        {aliases.length > 0 && (
          <>
            <dt>Also called</dt>
            <dd>{aliases.join(", ")}</dd>
          </>
        )}
        <dt>In ATT&CK</dt>
        <dd>
          {links.length === 0 && stateTexts[state]}
          <Software links={links} />
          {links.length > 0 && (
            <a href={linkToMatrix("enterprise-attack", { by: "subjects", subject: malware })}>
              Show on the matrix
            </a>
          )}
        </dd>
      </dl>
    </Section>
  );
}

function Software({ links }: Pick<Family, "links">) {
  return (
    <ul>
      {links.map(({ stix_id, attack_id, name, found_by, confidence }) => (
        <li key={stix_id}>
          <AttackLink id={attack_id}>
            {attack_id} {name}
          </AttackLink>{" "}
          <small>
            found by {found_by}, {confidence} % sure
          </small>
        </li>
      ))}
    </ul>
  );
}

const firstFamilies = 10;

/** Many families, in short. */
export function FamilyTable({ families }: { readonly families: readonly Family[] }) {
  return (
    <Section title="Malware families" count={families.length}>
      <Listed items={families} first={firstFamilies}>
        {(shown) => (
          <ScrollBox label="Malware families">
            <table>
              <thead>
                <tr>
                  <th scope="col">Family</th>
                  <th scope="col">Also called</th>
                  <th scope="col">In ATT&CK</th>
                </tr>
              </thead>
              <tbody>
                {shown.map(({ malware, name, aliases, links }) => (
                  <tr key={malware}>
                    <td>
                      <a href={linkToFamily(malware)}>{name}</a> <small class="line">{malware}</small>
                    </td>
                    <td>{aliases.join(", ")}</td>
                    <td>
                      <Software links={links} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </ScrollBox>
        )}
      </Listed>
    </Section>
  );
}

const stateTexts: Readonly<Record<Family["state"], string>> = {
  linked: "",
  ambiguous: "Its names match software of ATT&CK, but not without doubt.",
  unlinked: "No software of ATT&CK has its name.",
};
