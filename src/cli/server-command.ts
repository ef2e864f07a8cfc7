import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { etcdFlags } from '../config/etcd-flags.js';
import { loadConfig } from '../config/server-config.js';
import {
  environmentName,
  isSwitched,
  type Setting,
  settingKeys,
  settings,
} from '../config/settings.js';
import { type RunServer, serve } from './serve.js';

export function addServerCommand(program: Command, runServer: RunServer): void {
  const server = program.command('server').description('run one member of a cluster');
  for (const key of settingKeys) {
    const { argument, help, fallback }: Setting = settings[key];
    const tail = fallback === undefined ? '' : ` (default: ${fallback})`;
    const option = new Option(`--${key} ${argument}`, `${help}${tail}`);
    server.addOption(isSwitched(key) ? option.preset('true') : option);
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
