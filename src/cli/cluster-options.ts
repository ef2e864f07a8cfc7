import type { Command } from 'commander';
import { type ClientOptions, ConclaveClient } from '../client/index.js';
import { commandVariables } from '../config/command-variables.js';
import { ConfigError } from '../config/config-error.js';
import { addCertificateOptions, type CertificateOptions, fetchOf } from './certificate-options.js';
import { type CredentialOptions, credentialsOf, userVariable } from './credentials.js';
import { bootClock, bootTimeMs } from './guard/boot-clock.js';
import { withUnansweredNotice } from './unanswered-notice.js';

export interface ClusterOptions extends CertificateOptions, CredentialOptions {
  readonly endpoints?: string;
}

const variable = commandVariables.endpoints;
const fallback = 'http://127.0.0.1:4001';

export function addEndpointsOption(command: Command): Command {
  return command.option(
    '--endpoints <urls>',
    `where members serve clients, with commas between (default: $${variable}, or ${fallback})`,
  );
}

export function addClusterOptions(command: Command): Command {
  addEndpointsOption(command)
    .option(
      '--user <name[:password]>',
      `who asks; without a password it is asked for (default: $${userVariable})`,
    )
    .option('--password-file <path>', 'holds the password of --user, which nobody else can see');
  return addCertificateOptions(command);
}

/** @throws {ConfigError} */
export function endpointsOf({ endpoints }: Pick<ClusterOptions, 'endpoints'>): readonly string[] {
  const given = endpoints ?? process.env[variable] ?? fallback;
  return urlsOf(endpoints === undefined ? variable : '--endpoints', given);
}

/** For one who asks once: a member that is started again is back after a second, or so. */
export const askOnce = { unreachedTimeoutMs: 2000 } as const;

/** For a command that asks once: where nothing listens, its user is told soon. */
export function clientOf(given: ClusterOptions): ConclaveClient {
  return new ConclaveClient({ ...clientOptionsOf(given), ...askOnce });
}

/** For a command that waits, or has begun what it should end: it outlives a short outage. */
export function waitingClientOf(given: ClusterOptions): ConclaveClient {
  return new ConclaveClient(clientOptionsOf(given));
}

function clientOptionsOf(given: ClusterOptions): ClientOptions {
  const { endpoints: _, ...rest } = given;
  const endpoints = endpointsOf(given);
  const tell = (line: string) => process.stderr.write(`conclave: ${line}\n`);
  const fetch = withUnansweredNotice(fetchOf(rest), { endpoints, now: bootTimeMs, tell });
  return { endpoints, clock: bootClock, ...credentialsOf(rest), fetch };
}

/** @throws {ConfigError} that names the option or the variable. */
export function urlsOf(name: string, given: string): readonly string[] {
  const urls = given.split(',').map((url) => url.trim());
  const wrong = urls.find((url) => !/^https?:\/\//.test(url) || !URL.canParse(url));
  if (wrong === undefined) return urls;
  throw new ConfigError(`${name} must name URLs such as ${fallback}, not "${wrong}"`);
}
