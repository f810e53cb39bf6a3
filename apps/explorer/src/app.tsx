import { useErrorBoundary } from "preact/hooks";
import { LocationProvider, Route, Router } from "preact-iso/router";
import { ConnectorsPage } from "./connectors/connectors-page.js";
import { EntityPage } from "./entity/entity-page.js";
import { routes } from "./location/links.js";
import { MatrixPage } from "./matrix/matrix-page.js";
import { NewsPage } from "./news/news-page.js";
import { Empty } from "./parts/answer-state.js";
import { PageHead } from "./parts/page-head.js";
import { TopBar } from "./parts/top-bar.js";
import { SearchPage } from "./search/search-page.js";

export function App() {
  return (
    <LocationProvider scope={routes.start}>
      <TopBar />
      <Views />
    </LocationProvider>
  );
}

function Views() {
  const [error, reset] = useErrorBoundary();
  if (error !== undefined) {
    return <Broken error={error} reset={reset} />;
  }
  return (
    <Router onRouteChange={() => document.querySelector("h1")?.focus({ preventScroll: true })}>
      <Route path={routes.start} component={SearchPage} />
      <Route path={routes.search} component={SearchPage} />
      <Route path={routes.attack} component={EntityPage} />
      <Route path={routes.family} component={EntityPage} />
      <Route path={routes.vulnerability} component={EntityPage} />
      <Route path={routes.matrix} component={MatrixPage} />
      <Route path={routes.news} component={NewsPage} />
      <Route path={routes.connectors} component={ConnectorsPage} />
      <Route default component={NotThere} />
    </Router>
  );
}

function NotThere() {
  return (
    <main>
      <PageHead title="Not found" />
      <Empty>
        There is no view at this address. <a href={routes.start}>Search</a> for what you are looking for.
      </Empty>
    </main>
  );
}

/** A fault of the page itself. */
function Broken({ error, reset }: { readonly error: unknown; reset(): void }) {
  return (
    <main>
      <PageHead title="This view is broken" />
      <div class="state failure" role="alert">
        <p>{error instanceof Error ? error.message : String(error)}</p>
        <button type="button" onClick={reset}>
          Try again
        </button>
      </div>
    </main>
  );
}
