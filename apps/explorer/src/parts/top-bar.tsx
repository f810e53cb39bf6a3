import { useLocation } from "preact-iso/router";
import { linkToMatrix, routes } from "../location/links.js";
import { ThemeSwitch } from "./theme-switch.js";

const views = [
  { name: "Search", href: routes.start },
  { name: "Matrix", href: linkToMatrix("enterprise-attack") },
  { name: "What is new", href: routes.news },
  { name: "Connectors", href: routes.connectors },
];

export function TopBar() {
  const { path } = useLocation();
  return (
    <header class="top-bar">
      <button type="button" class="skip" onClick={() => document.querySelector("h1")?.focus()}>
        Skip to the content
      </button>
      <a class="brand" href={routes.start}>
        cti-connectors
      </a>
      <nav aria-label="Views">
        {views.map(({ name, href }) => (
          <a key={name} href={href} aria-current={isIn(path, href) ? "page" : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <ThemeSwitch />
    </header>
  );
}

/** Whether a path is of a view, or of one below it, as all matrices are. */
function isIn(path: string, href: string): boolean {
  const section = href === routes.start ? href : href.replace(/(\/matrix)\/.*/, "$1");
  return path === section || (section !== routes.start && path.startsWith(`${section}/`));
}
