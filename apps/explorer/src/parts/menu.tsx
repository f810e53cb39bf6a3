import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface MenuProps {
  readonly label: string;
  readonly children: ComponentChildren;
}

/** A button that unfolds what is in it. It closes with Escape, and when something outside is pressed. */
export function Menu({ label, children }: MenuProps) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = ({ target }: Event) => {
      if (details.current?.open && !(target instanceof Node && details.current.contains(target))) {
        details.current.open = false;
      }
    };
    addEventListener("pointerdown", close);
    addEventListener("focusin", close);
    return () => {
      removeEventListener("pointerdown", close);
      removeEventListener("focusin", close);
    };
  }, []);
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === "Escape" && details.current?.open) {
      details.current.open = false;
      details.current.querySelector("summary")?.focus();
    }
  };
  return (
    <details class="menu" ref={details} onKeyDown={onKeyDown}>
      <summary>{label}</summary>
      <div class="menu-content">{children}</div>
    </details>
  );
}
