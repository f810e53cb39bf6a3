import type { LookupJson } from "@cti-connectors/server/answers";
import { useRoute } from "preact-iso/router";
import { useQuery } from "../location/use-query.js";
import { PageHead } from "../parts/page-head.js";
import { LookedUp } from "../search/looked-up.js";

/** One object of ATT&CK, malware family or vulnerability, named by the address. */
export function EntityPage() {
  const { id = "" } = useRoute().params;
  const release = useQuery().get("release");
  return (
    // Nothing of the one before stays while the next is loading.
    <LookedUp
      key={`${id} ${release}`}
      term={id}
      release={release}
      what={id}
      head={(answer) => (
        <PageHead title={answer === undefined ? id : nameOf(answer)}>
          {release !== undefined && <span class="badge">ATT&CK {release}</span>}
        </PageHead>
      )}
    />
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
