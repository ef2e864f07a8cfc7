import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import type { CheckedBackup } from '../backup/backup-check.js';
import { BackupError } from '../backup/backup-error.js';
import type { ConclaveClient } from '../client/index.js';
import { ConfigError } from '../config/config-error.js';
import { endWithReader, writeLine } from './answer-output.js';
import { addClusterOptions, type ClusterOptions, waitingClientOf } from './cluster-options.js';
import { contentsText } from './contents-text.js';
import { exitCodes } from './exit-codes.js';
import { withFiles } from './file-failures.js';
import { EndingSignal } from './lock-wait.js';

const backupHelp = `
It has everything that the cluster acknowledged before the command began. It is
checked as it is written, which takes as much memory as a member has. FILE is
replaced once the backup is whole, and on the disk. - writes to stdout.

Exit code: 0; 1 no whole backup came, or the file could not be written; 69 no
member could serve; 2 usage.

Examples:
  conclave backup today.backup
  conclave backup - | ssh vault 'cat > today.backup'`;

export function addBackupCommand(program: Command): void {
  const backup = program
    .command('backup')
    .description('write the whole cluster to one file, while it is in use')
    .argument('<file>', 'the file; - for stdout');
  addClusterOptions(backup).addHelpText('after', backupHelp);
  backup.action((file: string, flags: ClusterOptions) => {
    const client = waitingClientOf(flags);
    if (file !== '-') requirePlaceFor(file);
    return withFiles('backup', () => takeBackup(client, file));
  });
}

/** @throws {ConfigError} before all is downloaded for nothing. */
function requirePlaceFor(file: string): void {
  if (isDirectory(file)) throw new ConfigError(`${file} is a directory: name a file in it`);
  const folder = dirname(file);
  if (!isDirectory(folder)) throw new ConfigError(`${folder} is no directory`);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

async function takeBackup(client: ConclaveClient, file: string): Promise<void> {
  using ending = new EndingSignal();
  if (file === '-') {
    const line = await summaryOf(await passOn(client, ending.signal));
    process.stderr.write(`conclave: backup: ${line}\n`);
  } else {
    await writeLine(`${file}: ${await summaryOf(await save(client, file, ending.signal))}`);
  }
}

/** What stdout has can't be taken back, so there is one attempt. */
async function passOn(client: ConclaveClient, signal: AbortSignal): Promise<CheckedBackup> {
  const { passBackup } = await import('../backup/backup-file.js');
  endWithReader();
  // For a reader that leaves: it has no whole backup.
  process.exitCode = exitCodes.refused;
  const passed = await passBackup(download(client, signal), process.stdout);
  process.exitCode = 0;
  return passed;
}

/** A download that breaks off is begun again, at another member. */
const attemptsMax = 3;

async function save(
  client: ConclaveClient,
  file: string,
  signal: AbortSignal,
): Promise<CheckedBackup> {
  const { saveBackup } = await import('../backup/backup-file.js');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await saveBackup(download(client, signal), file);
    } catch (error) {
      if (!(error instanceof BackupError) || attempt === attemptsMax) throw error;
      process.stderr.write(`conclave: backup: another attempt, since ${error.message}\n`);
    }
  }
}

/** Asks for it when it is read first: by then there is a file to write it to. */
async function* download(
  client: ConclaveClient,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* await client.backup({ signal });
}

async function summaryOf({ bytes, state }: CheckedBackup): Promise<string> {
  const { contentsOf } = await import('../backup/contents.js');
  return `${bytes} bytes, ${contentsText(contentsOf(state))}`;
}
