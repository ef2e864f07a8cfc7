import type { Command } from 'commander';
import { ConclaveClient } from '../client/index.js';
import { answerWith, writeLine } from './answer-output.js';
import { fetchOf } from './certificate-options.js';
import {
  addClusterOptions,
  askOnce,
  type ClusterOptions,
  urlsOf,
  waitingClientOf,
} from './cluster-options.js';
import { credentialsOf } from './credentials.js';
import { exitCodes } from './exit-codes.js';
import { nameOf } from './given-name.js';
import { bootClock } from './guard/boot-clock.js';
import { type ImportReport, type Names, TreeImport } from './tree-import.js';

const importHelp = `
Keys and directories come with their values and with what is left of their TTLs.
Their indexes are new. A key that exists here with another value is left as it
is, and named. So an import that was interrupted can be begun again. What is
written to etcd meanwhile may be missed: stop its clients first.

Not copied: hidden keys (_NAME), which etcd does not list, unless --prefix names
one or a directory above; keys of the v3 API; users and roles.

Exit code: 0; 1 some keys were not copied, and which; 69 no member, here or
there, could serve; 2 usage.

Examples:
  conclave import --from http://127.0.0.1:2379
  conclave import --from http://10.0.0.9:2379 --prefix /jobs --overwrite
  conclave import --from https://etcd.example:2379 --from-cacert ca.crt --from-user root`;

interface ImportFlags extends ClusterOptions {
  readonly from: string;
  readonly fromUser?: string;
  readonly fromPasswordFile?: string;
  readonly fromCacert?: string;
  readonly fromCert?: string;
  readonly fromCertKey?: string;
  readonly prefix: string;
  readonly overwrite?: boolean;
}

/** etcd makes the whole answer for a directory before it sends anything. */
const answerMsMax = 120_000;

export function addImportCommand(program: Command): void {
  const command = program
    .command('import')
    .description('copy the keys of a running etcd that serves the v2 API')
    .requiredOption('--from <urls>', 'where its members serve clients, with commas between')
    .option('--from-user <name[:password]>', 'who asks there; without a password it is asked for')
    .option('--from-password-file <path>', 'holds the password of --from-user')
    .option('--from-cacert <path>', 'authorities to trust there, as PEM')
    .option('--from-cert <path>', 'certificate to show there')
    .option('--from-cert-key <path>', 'its private key')
    .option('--prefix <key>', 'the key, or the directory, to copy', '/')
    .option('--overwrite', 'replace keys that exist here');
  addClusterOptions(command).addHelpText('after', importHelp);
  command.action((flags: ImportFlags) => {
    const options = optionsFor(flags);
    const patience = { attemptTimeoutMs: answerMsMax, requestTimeoutMs: answerMsMax };
    const from = new ConclaveClient({ ...options, ...patience });
    const copy = new TreeImport(from, waitingClientOf(flags), flags.overwrite === true);
    return answerWith('import', async () => {
      // Where nobody answers, this fails long before a client with that patience would.
      await new ConclaveClient({ ...options, ...askOnce }).time();
      const found = await copy.run(nameOf(flags.prefix));
      if (found) await tell(copy.report, flags);
      else complain(`there is nothing at ${flags.prefix}`);
      if (!found || copy.report.existing.count + copy.report.refused.count > 0) {
        process.exitCode = exitCodes.refused;
      }
    });
  });
}

const fromNames = {
  cacert: { flag: '--from-cacert' },
  cert: { flag: '--from-cert' },
  certKey: { flag: '--from-cert-key' },
} as const;

/**
 * Of the client that asks the etcd. Nothing of what CONCLAVE_… says is meant for it.
 * @throws {ConfigError}
 */
function optionsFor(flags: ImportFlags) {
  const { from, fromUser, fromPasswordFile, fromCacert, fromCert, fromCertKey } = flags;
  const certificates = { cacert: fromCacert, cert: fromCert, certKey: fromCertKey };
  return {
    endpoints: urlsOf('--from', from),
    clock: bootClock,
    ...credentialsOf({ user: fromUser ?? '', passwordFile: fromPasswordFile }, '--from-'),
    fetch: fetchOf(certificates, fromNames),
  };
}

async function tell(report: ImportReport, { from, overwrite }: ImportFlags): Promise<void> {
  const { keys, directories, same, expired, replaced, existing, refused, indexes } = report;
  const [before, after] = indexes;
  await writeLine(`copied ${keys} keys and ${directories} directories from ${from}`);
  if (same > 0) await writeLine(`${same} were here before`);
  if (expired > 0) await writeLine(`${expired} not copied: their TTL ended meanwhile`);
  if (replaced > 0)
    complain(`${replaced} values were no UTF-8, and etcd has replaced a part of them`);
  if (after !== before) {
    complain(
      `etcd has changed meanwhile (index ${before} to ${after}): some changes may be missing`,
    );
  }
  const todo = overwrite === true ? '' : '; --overwrite replaces keys';
  if (existing.count > 0)
    complain(`${existing.count} exist here as something else${todo}: ${listOf(existing)}`);
  if (refused.count > 0) complain(`${refused.count} were refused: ${listOf(refused)}`);
}

function complain(line: string): void {
  process.stderr.write(`conclave: import: ${line}\n`);
}

function listOf({ count, first }: Names): string {
  return `${first.join(', ')}${count > first.length ? ', …' : ''}`;
}
