import { stixBundleSchema } from "../stix/stix-bundle.js";
import { type StixRelease, toStixRelease } from "../stix/stix-release.js";
import enterprise from "./enterprise-attack-18.1.json" with { type: "json" };
import ics17 from "./ics-attack-17.1.json" with { type: "json" };
import ics18 from "./ics-attack-18.1.json" with { type: "json" };
import mobile from "./mobile-attack-14.1.json" with { type: "json" };

/** The built-in data set: Enterprise, Mobile, and two releases of ICS. */
export const demoReleases: readonly StixRelease[] = [enterprise, ics17, ics18, mobile].map((bundle) =>
  toStixRelease("the built-in data set", stixBundleSchema.parse(bundle)),
);
