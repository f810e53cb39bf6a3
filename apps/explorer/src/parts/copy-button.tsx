import { useState } from "preact/hooks";

interface CopyButtonProps {
  readonly value: string;
  /** What is copied, for screen readers: such as `the real value of 203[.]0[.]113[.]5`. */
  readonly what: string;
}

/** Copies a value. Where the browser does not allow that, it says so. */
export function CopyButton({ value, what }: CopyButtonProps) {
  const [said, setSaid] = useState<string>();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setSaid("Copied");
    } catch {
      setSaid("Not allowed");
    }
    setTimeout(() => setSaid(undefined), 2_000);
  };
  return (
    <button type="button" class="copy" title={`Copy ${what}`} aria-label={`Copy ${what}`} onClick={copy}>
      <span aria-live="polite">{said ?? "Copy"}</span>
    </button>
  );
}
