import { Argument, type Command } from 'commander';
import { writeLine } from './answer-output.js';
import { completionScript, type Shell, shells } from './completion.js';

const completionHelp = `
Examples, for ~/.bashrc and ~/.zshrc (there after compinit):
  source <(conclave completion bash)
  source <(conclave completion zsh)`;

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that makes a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText('after', completionHelp)
    .action(async (shell: Shell) => {
      await writeLine(completionScript(program, shell).trimEnd());
    });
}
