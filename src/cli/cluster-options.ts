import type { Command } from 'commander';
import { ConclaveClient } from '../client/index.js';
import { ConfigError } from '../config/config-error.js';
import { bootClock } from './guard/boot-clock.js';

export interface ClusterOptions {
  readonly endpoints?: string;
}

const variable = 'CONCLAVE_ENDPOINTS';
const fallback = 'http://127.0.0.1:4001';

export function addClusterOptions(command: Command): Command {
  return command.option(
    '--endpoints <urls>',
    `where members serve clients, with commas between (default: $${variable}, or ${fallback})`,
  );
}

export function clientOf({ endpoints }: ClusterOptions): ConclaveClient {
  const given = endpoints ?? process.env[variable] ?? fallback;
  const urls = given.split(',').map((url) => url.trim());
  const wrong = urls.find((url) => !/^https?:\/\//.test(url) || !URL.canParse(url));
  if (wrong !== undefined) {
    const name = endpoints === undefined ? variable : '--endpoints';
    throw new ConfigError(`${name} must name URLs such as ${fallback}, not "${wrong}"`);
  }
  return new ConclaveClient({ endpoints: urls, clock: bootClock });
}
