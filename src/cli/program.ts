import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/config-error.js';
import { version } from '../version.js';
import { endWithReader } from './answer-output.js';
import { addBackupCommand } from './backup-command.js';
import { addCheckCommand } from './check-command.js';
import { addCompletionCommand } from './completion-command.js';
import { addElectCommand } from './elect-command.js';
import { exitCodes } from './exit-codes.js';
import { addHealthCommand } from './health-command.js';
import { addImportCommand } from './import-command.js';
import { addKeyCommands } from './key-commands.js';
import { addLeaderCommand } from './leader-command.js';
import { addLockCommands } from './lock-commands.js';
import { addLocksCommand } from './locks-command.js';
import { addMemberCommands } from './member-commands.js';
import type { RunServer } from './serve.js';

/** Runs the command line. A mistake in it is reported in one line on stderr. */
export async function runCommandLine(args: readonly string[], runServer: RunServer): Promise<void> {
  try {
    const ours = args.includes('--') ? args.indexOf('--') : args.length;
    const given = [...args.slice(0, ours).map(withTwoDashes), ...args.slice(ours)];
    const program = await commandLineFor(given[0], runServer);
    program.hook('preAction', (_, command) => checkBeforeDashes(command, args.slice(ours + 1)));
    await program.parseAsync(given, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    if (!(error instanceof CommanderError || error instanceof ConfigError)) throw error;
    process.stderr.write(`conclave: ${lineFor(error)}\n`);
    process.exitCode = exitCodes.usage;
  }
}

/**
 * With an argument missing, the first word of the command would stand for it, and the rest be run.
 * @throws {ConfigError}
 */
function checkBeforeDashes(command: Command, afterDashes: readonly string[]): void {
  const words: unknown = command.processedArgs.at(-1);
  const isCommand = command.registeredArguments.at(-1)?.variadic === true;
  const missing = command.registeredArguments.findLast(
    ({ required, variadic }) => required && !variadic,
  );
  if (!isCommand || missing === undefined) return;
  if (Array.isArray(words) && words.length >= afterDashes.length) return;
  throw new ConfigError(`${missing.name()} is missing: it stands before --`);
}

function lineFor(error: CommanderError | ConfigError): string {
  if (error instanceof CommanderError && error.code === 'commander.help') {
    return 'name a command, such as server or lock; conclave --help tells more';
  }
  return error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
}

/**
 * Whoever takes a lock need not wait for the libraries that check settings: they are two thirds of
 * all that a command would load.
 */
async function commandLineFor(name: string | undefined, runServer: RunServer): Promise<Command> {
  const program = commandsWith([], []);
  const isThere = program.commands.some((command) => command.name() === name);
  return isThere && name !== 'completion' ? program : await commandLine(runServer);
}

/** All commands. The help in docs/cli.md is made from it, too. */
export async function commandLine(runServer: RunServer): Promise<Command> {
  const { addServerCommand } = await import('./server-command.js');
  const { addRestoreCommand } = await import('./restore-command.js');
  return commandsWith([(program) => addServerCommand(program, runServer)], [addRestoreCommand]);
}

type AddCommand = (program: Command) => void;

/** @param first those with settings that come before the others, and `last` those behind them. */
function commandsWith(first: readonly AddCommand[], last: readonly AddCommand[]): Command {
  const program = new Command('conclave')
    .description('A lock, a leader election and a key store that survive the loss of machines.')
    .version(version, '--version', 'print the version')
    .configureOutput({ writeOut, writeErr: () => undefined })
    .exitOverride();
  const commands = [
    ...first,
    ...[addHealthCommand, addLockCommands, addElectCommand, addLocksCommand, addLeaderCommand],
    ...[addKeyCommands, addMemberCommands, addBackupCommand, addCheckCommand],
    ...last,
    ...[addImportCommand, addCompletionCommand],
  ];
  for (const add of commands) add(program);
  for (const command of program.commands) command.exitOverride((e) => askForCommand(command, e));
  return program;
}

/** Help and the version. */
function writeOut(text: string): void {
  endWithReader();
  process.stdout.write(text);
}

/** @throws {CommanderError | ConfigError} Here the commands of a command are told, not all. */
function askForCommand(command: Command, error: CommanderError): never {
  if (error.code !== 'commander.help' || error.exitCode === 0) throw error;
  const names = command.commands.map((each) => each.name()).join(', ');
  throw new ConfigError(
    `name a command of ${command.name()}: ${names}; conclave ${command.name()} --help tells more`,
  );
}

/** A flag with one dash, as in etcd 0.4, counts as the same flag with two. */
function withTwoDashes(argument: string): string {
  return /^-[a-z][a-z-]/.test(argument) ? `-${argument}` : argument;
}
