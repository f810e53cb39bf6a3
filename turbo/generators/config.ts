import { join } from "node:path";
import type { PlopTypes } from "@turbo/gen";
import { addDependency, addSettings } from "./add-to-runner.js";
import { connectorNames, findNameFault } from "./connector-names.js";
import { formatPackage, installPackages } from "./run-tools.js";

/** What `pnpm new-connector` runs: see https://turborepo.com/docs/guides/generating-code. */
export default function generators(plop: PlopTypes.NodePlopAPI): void {
  const root = join(plop.getPlopfilePath(), "..", "..");
  const inRoot =
    (work: (folder: string, name: string) => void, done: string) => (answers: PlopTypes.Answers) => {
      work(root, answers.name);
      return done;
    };
  plop.setGenerator("connector", {
    description: "A connector in a package of its own",
    prompts: [
      {
        type: "input",
        name: "name",
        message: "Name of the package, such as acme-feed",
        validate: (name: string) => findNameFault(root, name) ?? true,
      },
    ],
    actions: (answers) => {
      const name: string = answers?.name;
      return [
        {
          type: "addMany",
          destination: join(root, "packages", name),
          base: "templates/connector",
          templateFiles: "templates/connector/**",
          globOptions: { dot: true },
          data: connectorNames(name),
          verbose: false,
          abortOnFail: true,
        },
        inRoot(addDependency, "dependency added to apps/runner/package.json"),
        inRoot(addSettings, "settings added to .env.example"),
        inRoot(formatPackage, "formatted"),
        inRoot(installPackages, "installed: linked the package and updated pnpm-lock.yaml"),
      ];
    },
  });
}
