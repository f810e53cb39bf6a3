import { type StixRelease, toStixRelease } from "../stix/stix-release.js";
import { buildDemoBundle } from "./build-demo-bundle.js";
import { enterpriseDomain } from "./enterprise-domain.js";
import { icsDomain } from "./ics-domain.js";
import { earlierIcsDomain } from "./ics-domain-17.js";
import { mobileDomain } from "./mobile-domain.js";

/** The built-in data set: Enterprise, Mobile, and two releases of ICS. */
export function demoReleases(): readonly StixRelease[] {
  return [enterpriseDomain, earlierIcsDomain, icsDomain, mobileDomain].map((domain) =>
    toStixRelease(`the built-in ${domain.collection.name} ${domain.release}`, buildDemoBundle(domain)),
  );
}
