import { UnknownReleaseError } from "@cti-connectors/mitre-taxii";
import type { AttackDomain, AttackView } from "./attack-view.js";
import { byNumber, type DomainReleases, findDomainReleases } from "./find-domain-releases.js";

/** The part of ATT&CK that a matrix or a layer shows: each has one domain. */
export interface DomainView extends AttackView {
  readonly domain: AttackDomain;
}

/** The domains, Enterprise first. */
export const attackDomains = [
  "enterprise-attack",
  "mobile-attack",
  "ics-attack",
] as const satisfies readonly AttackDomain[];

export const domainNames: Readonly<Record<AttackDomain, string>> = {
  "enterprise-attack": "Enterprise",
  "mobile-attack": "Mobile",
  "ics-attack": "ICS",
};

/** A view as it is read. */
export interface ShownView {
  /** Such as `18.1`; undefined where it is the current release, and the upstream does not say which that is. */
  readonly release: string | undefined;
  /** The current release is asked for as what the upstream lists now: loads of it alone do not note releases. */
  readonly shown: DomainView;
}

/**
 * Checks which release a view shows.
 *
 * @throws UnknownReleaseError where the view asks for a release that is not stored
 */
export async function openDomainView(view: DomainView): Promise<ShownView> {
  const releases = await findDomainReleases(view.store, view.domain);
  const { release = releases.current } = view;
  if (view.release !== undefined && !releases.stored.includes(view.release)) {
    throw new UnknownReleaseError(view.release, releases.stored);
  }
  return { release, shown: asCurrent(view, releases) };
}

/**
 * The view to read: as `openDomainView`, also for all domains together. There, a release is current where each domain that has it lists it now.
 *
 * @throws UnknownReleaseError where the view asks for a release that is not stored
 */
export async function openView(view: AttackView): Promise<AttackView> {
  const { domain, release, ...current } = view;
  if (domain !== undefined) {
    return (await openDomainView({ ...view, domain })).shown;
  }
  if (release === undefined) {
    return view;
  }
  const stored = new Set<string>();
  let isCurrent = true;
  for (const each of attackDomains) {
    const releases = await findDomainReleases(view.store, each);
    for (const name of releases.stored) {
      stored.add(name);
    }
    isCurrent &&= !releases.stored.includes(release) || releases.current === release;
  }
  if (!stored.has(release)) {
    throw new UnknownReleaseError(release, [...stored].sort(byNumber.compare));
  }
  return isCurrent ? current : view;
}

/** The view to read, also where its release is not stored. */
export async function readAsCurrent(view: DomainView): Promise<DomainView> {
  return asCurrent(view, await findDomainReleases(view.store, view.domain));
}

function asCurrent({ release, ...current }: DomainView, releases: DomainReleases): DomainView {
  return release === undefined || release === releases.current ? current : { release, ...current };
}
