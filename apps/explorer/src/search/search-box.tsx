import { useLocation } from "preact-iso/router";
import { linkToSearch } from "../location/links.js";
import { SuggestBox } from "./suggest-box.js";

export function SearchBox({ term }: { readonly term: string }) {
  const { route } = useLocation();
  return (
    <div class="search">
      <SuggestBox
        label="Search"
        placeholder="IP, domain, URL, hash, CVE, technique, group, malware …"
        action="Search"
        initial={term}
        role="search"
        onChoose={(chosen) => route(linkToSearch(chosen))}
      />
    </div>
  );
}
