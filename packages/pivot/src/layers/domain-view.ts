import { UnknownReleaseError } from "@cti-connectors/mitre-taxii";
import type { AttackDomain, AttackView } from "../attack/attack-view.js";
import { findDomainReleases } from "../attack/find-domain-releases.js";

/** The part of ATT&CK that a layer shows: the Navigator has one domain in a layer. */
export interface LayerView extends AttackView {
  readonly domain: AttackDomain;
}

/** The domains, in the order in which layers prefer them. */
export const layerDomains = [
  "enterprise-attack",
  "mobile-attack",
  "ics-attack",
] as const satisfies readonly AttackDomain[];

export const domainNames: Readonly<Record<AttackDomain, string>> = {
  "enterprise-attack": "Enterprise",
  "mobile-attack": "Mobile",
  "ics-attack": "ICS",
};

/**
 * The release that a view shows, such as `18.1`; undefined where it is the current one, and the upstream does not say which that is.
 *
 * @throws UnknownReleaseError where the view asks for a release that is not stored
 */
export async function findShownRelease({ store, domain, release }: LayerView): Promise<string | undefined> {
  const { current, stored } = await findDomainReleases(store, domain);
  if (release !== undefined && !stored.includes(release)) {
    throw new UnknownReleaseError(release, stored);
  }
  return release ?? current;
}

/** The same view, in which the current release is asked for as what the upstream lists now: loads of it alone do not note releases. */
export async function readAsCurrent(view: LayerView): Promise<LayerView> {
  const { release, ...current } = view;
  const isCurrent =
    release !== undefined && (await findDomainReleases(view.store, view.domain)).current === release;
  return isCurrent ? current : view;
}
