import type { Command, Option } from "commander";

export const completionShells = ["bash", "zsh", "fish", "powershell"] as const;

export type CompletionShell = (typeof completionShells)[number];

/** What may be typed after a command, or after an option of it. */
interface Place {
  readonly command: string;
  /** Absent: after the command itself. */
  readonly option?: string;
  readonly words: readonly string[];
}

/**
 * A script that completes the commands, connectors, options and choices of a program, for a shell to run at its start.
 *
 * @param name what is typed to start the program
 * @param connectors their names, for the commands that take some
 */
export function createCompletion(
  program: Command,
  shell: CompletionShell,
  { name, connectors }: { readonly name: string; readonly connectors: readonly string[] },
): string {
  const places = findPlaces(program, connectors);
  const commands = [...new Set(places.map(({ command }) => command))];
  const script = { bash: renderBash, zsh: renderZsh, fish: renderFish, powershell: renderPowerShell }[shell];
  return script(name, commands, places);
}

function findPlaces(program: Command, connectors: readonly string[]): readonly Place[] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => command.name());
  return commands.flatMap((command) => {
    const options = help.visibleOptions(command);
    const words = [
      // The command `run` may be left out.
      ...(command.name() === "run" ? names : []),
      ...command.registeredArguments.flatMap((argument) =>
        argument.name() === "connector" ? connectors : (argument.argChoices ?? []),
      ),
      ...options.flatMap(({ long }) => long ?? []),
    ];
    return [{ command: command.name(), words }, ...options.flatMap((option) => choicesOf(command, option))];
  });
}

function choicesOf(command: Command, { long, argChoices }: Option): readonly Place[] {
  return long == null || argChoices === undefined
    ? []
    : [{ command: command.name(), option: long, words: argChoices }];
}

type Render = (name: string, commands: readonly string[], places: readonly Place[]) => string;

const functionOf = (name: string) => `_${name.replaceAll(/\W/g, "_")}`;

const renderBash: Render = (name, commands, places) => {
  const cases = places.map(({ command, option, words }) => {
    const pattern = option === undefined ? `"${command} "*` : `"${command} ${option}"`;
    return { isOption: option !== undefined, line: `    ${pattern}) words="${words.join(" ")}" ;;` };
  });
  const ordered = [...cases.filter(({ isOption }) => isOption), ...cases.filter(({ isOption }) => !isOption)];
  return `${functionOf(name)}() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=run words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${commands.join("|")}) command=$word; break ;; esac
  done
  case "$command $previous" in
${ordered.map(({ line }) => line).join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F ${functionOf(name)} ${name}`;
};

const renderZsh: Render = (...given) => `autoload -Uz compinit && compinit
autoload -Uz bashcompinit && bashcompinit
${renderBash(...given)}`;

const renderFish: Render = (name, commands, places) =>
  places
    .map(({ command, option, words }) => {
      const others = commands.filter((one) => one !== "run").join(" ");
      const isCommand =
        command === "run"
          ? `not __fish_seen_subcommand_from ${others}`
          : `__fish_seen_subcommand_from ${command}`;
      return option === undefined
        ? `complete -c ${name} -n '${isCommand}' -a '${words.join(" ")}'`
        : `complete -c ${name} -n '${isCommand}' -l ${option.slice(2)} -x -a '${words.join(" ")}'`;
    })
    .join("\n");

const renderPowerShell: Render = (name, commands, places) => {
  const entries = places.map(
    ({ command, option = "", words }) =>
      `    '${`${command} ${option}`.trim()}' = @(${words.map((word) => `'${word}'`).join(", ")})`,
  );
  return `Register-ArgumentCompleter -Native -CommandName '${name}' -ScriptBlock {
  param($word, $ast, $position)
  $places = @{
${entries.join("\n")}
  }
  $typed = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $position } | ForEach-Object { "$_" })
  $command = @($typed | Where-Object { @(${commands.map((one) => `'${one}'`).join(", ")}) -contains $_ }) + 'run' | Select-Object -First 1
  $words = $places["$command $($typed[-1])"]
  if ($null -eq $words) { $words = $places[$command] }
  $words | Where-Object { $_ -like "$word*" } | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}`;
};
