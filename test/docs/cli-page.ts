import { join } from 'node:path';
import type { Command } from 'commander';
import { root } from '../../scripts/packages.mjs';
import { commandLine } from '../../src/cli/program.js';

export const cliPagePath = join(root, 'docs', 'cli.md');

const columns = 80;

const program = await commandLine(() => Promise.reject(new Error('no server is run here')));

/** What `--help` prints, by the words of the command. */
export function helpTexts(): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const add = (command: Command, before: readonly string[]) => {
    const words = [...before, command.name()];
    let text = '';
    command.configureOutput({
      writeOut: (part) => {
        text += part;
      },
      getOutHelpWidth: () => columns,
      getOutHasColors: () => false,
    });
    command.outputHelp();
    texts.set(words.join(' '), text);
    for (const below of command.commands) add(below, words);
  };
  add(program, []);
  return texts;
}

/** The page with what `--help` prints now. */
export function withHelp(page: string, texts: ReadonlyMap<string, string>): string {
  const block = /^(```console\n\$ (conclave.*) --help\n)[\s\S]*?^```$/gm;
  return page.replaceAll(block, (shown: string, head: string, command: string) => {
    const text = texts.get(command);
    return text === undefined ? shown : `${head}${text}\`\`\``;
  });
}
