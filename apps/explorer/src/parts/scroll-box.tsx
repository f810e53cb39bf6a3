import type { ComponentChildren } from "preact";

interface ScrollBoxProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** What can be wider than its place. It can be scrolled with the keyboard, too. */
export function ScrollBox({ label, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <div class="scroller" tabIndex={0} role="group" aria-label={label}>
      {children}
    </div>
  );
}
