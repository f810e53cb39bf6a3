import type { ComponentChildren } from "preact";
import { readWebAddress } from "./parse-description.js";

interface SafeLinkProps {
  /** From an upstream. */
  readonly to: string | null | undefined;
  readonly children: ComponentChildren;
}

/** A link to another site where the address is one of the web, else its text alone. */
export function SafeLink({ to, children }: SafeLinkProps) {
  const href = readWebAddress(to);
  return href === undefined ? (
    <span>{children}</span>
  ) : (
    <a href={href} target="_blank" rel="noopener noreferrer" class="outward">
      {children}
    </a>
  );
}
