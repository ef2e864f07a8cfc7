import type { Command, Option } from 'commander';

/** What may stand at one place of the command line. */
interface Place {
  /** The words that lead to it, such as `conclave locks`. */
  readonly path: string;
  readonly choices: readonly Choice[];
  /** Options whose value follows: one is a file, the others are known to the user only. */
  readonly fileOptions: readonly string[];
  readonly valueOptions: readonly string[];
}

interface Choice {
  readonly word: string;
  readonly description: string;
}

/** Commands, options and fixed words, as the help has them. */
function placesOf(command: Command, before = ''): readonly Place[] {
  const path = `${before}${command.name()}`;
  const options = command.options.filter(({ hidden }) => !hidden);
  const withValue = options.filter(({ required, optional }) => required || optional);
  const place = {
    path,
    choices: [
      ...command.commands.map((below) => choiceOf(below.name(), below.description())),
      ...command.registeredArguments.flatMap(({ argChoices = [], description }) =>
        argChoices.map((word) => choiceOf(word, description)),
      ),
      ...options.map((option) => choiceOf(flagOf(option), option.description)),
      choiceOf('--help', 'tell how it is used'),
    ],
    fileOptions: withValue.filter(isFile).map(flagOf),
    valueOptions: withValue.filter((option) => !isFile(option)).map(flagOf),
  };
  return [place, ...command.commands.flatMap((below) => placesOf(below, `${path} `))];
}

function choiceOf(word: string, description: string): Choice {
  return { word, description };
}

function flagOf({ long, flags }: Option): string {
  return long ?? flags;
}

function isFile({ flags }: Option): boolean {
  return flags.includes('<path>');
}

export const shells = ['bash', 'zsh'] as const;

export type Shell = (typeof shells)[number];

export function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program);
  return shell === 'bash' ? bashScript(places) : zshScript(places);
}

function bashScript(places: readonly Place[]): string {
  return `# Completes conclave in bash: source <(conclave completion bash)
_conclave() {
  local word=\${COMP_WORDS[COMP_CWORD]} path=conclave at choices=
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    if [ "\${COMP_WORDS[at]}" = -- ]; then
      compopt -o default
      [ $at -lt $((COMP_CWORD - 1)) ] || COMPREPLY=($(compgen -c -- "$word"))
      return
    fi
    case "$path \${COMP_WORDS[at]}" in
      ${pathPattern(places)}) path+=" \${COMP_WORDS[at]}" ;;
    esac
  done
  case "$path \${COMP_WORDS[COMP_CWORD - 1]}" in
    ${optionPattern(places, 'fileOptions')}) compopt -o default; return ;;
    ${optionPattern(places, 'valueOptions')}) return ;;
  esac
  case $path in
${places.map(({ path, choices }) => `    ${quoted(path)}) choices=${quoted(wordsOf(choices))} ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$choices" -- "$word"))
}
complete -F _conclave conclave
`;
}

function zshScript(places: readonly Place[]): string {
  return `#compdef conclave
# Completes conclave in zsh: source <(conclave completion zsh), or a file _conclave in $fpath.
_conclave() {
  local place=conclave at
  local -a choices
  for ((at = 2; at < CURRENT; at++)); do
    if [[ $words[at] == -- ]]; then
      shift $at words
      ((CURRENT -= at))
      _normal
      return
    fi
    case "$place $words[at]" in
      ${pathPattern(places)}) place+=" $words[at]" ;;
    esac
  done
  case "$place $words[CURRENT-1]" in
    ${optionPattern(places, 'fileOptions')}) _files; return ;;
    ${optionPattern(places, 'valueOptions')}) return 1 ;;
  esac
  case $place in
${places.map(zshPlace).join('\n')}
  esac
  _describe conclave choices
}
if [ "$funcstack[1]" = _conclave ]; then _conclave "$@"; else compdef _conclave conclave; fi
`;
}

function zshPlace({ path, choices }: Place): string {
  const described = choices.map(({ word, description }) => quoted(`${word}:${description}`));
  return `    ${quoted(path)}) choices=(\n      ${described.join('\n      ')}\n    ) ;;`;
}

/** For `case`: every path but that of the program, which is where one begins. */
function pathPattern([, ...places]: readonly Place[]): string {
  return places.map(({ path }) => quoted(path)).join('|');
}

function optionPattern(places: readonly Place[], kind: 'fileOptions' | 'valueOptions'): string {
  return places
    .flatMap((each) => each[kind].map((flag) => quoted(`${each.path} ${flag}`)))
    .join('|');
}

function wordsOf(choices: readonly Choice[]): string {
  return choices.map(({ word }) => word).join(' ');
}

/** For a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
