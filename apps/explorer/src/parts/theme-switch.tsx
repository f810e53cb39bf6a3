import { useEffect, useState } from "preact/hooks";

const schemes = ["auto", "light", "dark"] as const;
type Scheme = (typeof schemes)[number];
const key = "colour-scheme";

const names: Readonly<Record<Scheme, string>> = {
  auto: "As the system",
  light: "Light",
  dark: "Dark",
};

/** Where the browser keeps nothing, the choice is for this visit. */
function readScheme(): Scheme {
  try {
    return schemes.find((scheme) => scheme === localStorage.getItem(key)) ?? "auto";
  } catch {
    return "auto";
  }
}

export function ThemeSwitch() {
  const [scheme, setScheme] = useState(readScheme);
  useEffect(() => {
    document.documentElement.dataset.scheme = scheme;
    try {
      localStorage.setItem(key, scheme);
    } catch {
      // See above.
    }
  }, [scheme]);
  return (
    <label class="theme">
      <span class="unseen">Colours</span>
      <select
        value={scheme}
        onChange={({ currentTarget }) =>
          setScheme(schemes.find((each) => each === currentTarget.value) ?? "auto")
        }
      >
        {schemes.map((each) => (
          <option key={each} value={each}>
            {names[each]}
          </option>
        ))}
      </select>
    </label>
  );
}
