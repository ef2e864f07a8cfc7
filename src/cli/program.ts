import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { ConfigError } from '../config/config-error.js';
import { etcdFlags } from '../config/etcd-flags.js';
import { loadConfig } from '../config/server-config.js';
import { environmentName, type Setting, settingKeys, settings } from '../config/settings.js';
import { version } from '../version.js';
import { exitCodes } from './exit-codes.js';
import { checkHealth } from './health-command.js';
import { addKeyCommands } from './key-commands.js';
import { addLeaderCommand } from './leader-command.js';
import { addLockCommands } from './lock-commands.js';
import { addLocksCommand } from './locks-command.js';
import { type RunServer, serve } from './server-command.js';

/** Runs the command line. A mistake in it is reported in one line on stderr. */
export async function runCommandLine(args: readonly string[], runServer: RunServer): Promise<void> {
  try {
    const ours = args.includes('--') ? args.indexOf('--') : args.length;
    const given = [...args.slice(0, ours).map(withTwoDashes), ...args.slice(ours)];
    await commandLine(runServer).parseAsync(given, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return;
    if (!(error instanceof CommanderError || error instanceof ConfigError)) throw error;
    process.stderr.write(`conclave: ${lineFor(error)}\n`);
    process.exitCode = exitCodes.usage;
  }
}

function lineFor(error: CommanderError | ConfigError): string {
  if (error instanceof CommanderError && error.code === 'commander.help') {
    return 'name a command, such as server or lock; conclave --help tells more';
  }
  return error.message.replace(/^error: /, '').replaceAll(/\s*\n\s*/g, ' ');
}

/** All commands. The help in docs/cli.md is made from it, too. */
export function commandLine(runServer: RunServer): Command {
  const program = new Command('conclave')
    .description('A lock, a leader election and a key store that survive the loss of machines.')
    .version(version, '--version', 'print the version')
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  addServer(program, runServer);
  addHealth(program);
  addLockCommands(program);
  addLocksCommand(program);
  addLeaderCommand(program);
  addKeyCommands(program);
  return program;
}

function addServer(program: Command, runServer: RunServer): void {
  const server = program.command('server').description('run one member of a cluster');
  for (const key of settingKeys) {
    const { argument, help, fallback }: Setting = settings[key];
    const tail = fallback === undefined ? '' : ` (default: ${fallback})`;
    server.option(`--${key} ${argument}`, `${help}${tail}`);
  }
  server.option('--config-file <path>', 'YAML file with these settings, without the dashes');
  for (const [name, { value }] of etcdFlags) {
    const argument = value === 'boolean' ? '[boolean]' : '<text>';
    server.addOption(new Option(`--${name} ${argument}`).preset('true').hideHelp());
  }
  const example = environmentName('data-dir');
  server.addHelpText(
    'after',
    `\nEach is a variable of the environment too (${example} for --data-dir).` +
      '\nA flag wins over the environment, and the environment over the file.' +
      '\nOther flags of etcd 3.4 have no effect, or are refused with a reason.',
  );
  server.action(async () => {
    const flags = new Map<string, string>();
    for (const { long, attributeName } of optionsOf(server)) {
      const value: unknown = server.getOptionValue(attributeName);
      if (typeof value === 'string') flags.set(long, value);
    }
    const readFile = (path: string) => readFileSync(path, 'utf8');
    await serve(loadConfig({ flags, environment: process.env, readFile }), runServer);
  });
}

function optionsOf(command: Command) {
  return command.options.map((option) => ({
    long: option.name(),
    attributeName: option.attributeName(),
  }));
}

function addHealth(program: Command): void {
  program
    .command('health')
    .description('tell whether a member can serve; exits with 0 or 1')
    .option('--endpoint <url>', 'a URL at which the member serves clients', 'http://127.0.0.1:4001')
    .action(async ({ endpoint }: { readonly endpoint: string }) => {
      if (!URL.canParse(endpoint)) throw new ConfigError(`--endpoint "${endpoint}" is not a URL`);
      const { healthy, line } = await checkHealth(endpoint);
      process.stdout.write(`${line}\n`);
      process.exitCode = healthy ? 0 : 1;
    });
}

/** A flag with one dash, as in etcd 0.4, counts as the same flag with two. */
function withTwoDashes(argument: string): string {
  return /^-[a-z][a-z-]/.test(argument) ? `-${argument}` : argument;
}
