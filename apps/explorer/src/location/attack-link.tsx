import { type ComponentChildren, createContext } from "preact";
import { useContext } from "preact/hooks";
import { linkToAttack } from "./links.js";

/** The release of ATT&CK that a view shows. undefined: what is current. */
export const ShownRelease = createContext<string | undefined>(undefined);

interface AttackLinkProps {
  /** ATT&CK id or STIX id. */
  readonly id: string;
  readonly children: ComponentChildren;
}

/** Leads to an object of ATT&CK in the release that is shown. */
export function AttackLink({ id, children }: AttackLinkProps) {
  return <a href={linkToAttack(id, useContext(ShownRelease))}>{children}</a>;
}
