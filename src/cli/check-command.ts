import { stat } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CheckedBackup } from '../backup/backup-check.js';
import type { CheckedDirectory } from '../backup/directory-check.js';
import { writeLine } from './answer-output.js';
import { withFiles } from './file-failures.js';

const checkHelp = `
PATH is a backup, or the data directory of a member that is stopped. All of it
is read, its checksums are verified, and the state is made of it, in memory.
Nothing is changed. - reads a backup from stdin.

Exit code: 0 it can be used; 1 it cannot, and why; 75 a process uses the
directory; 2 usage.

Examples:
  conclave check today.backup
  conclave check /var/lib/conclave --json`;

/** What is told of it, in this order. */
type Facts = Readonly<Record<string, string | number | readonly string[]>>;

export function addCheckCommand(program: Command): void {
  program
    .command('check')
    .description('verify a backup, or the data directory of a stopped member')
    .argument('<path>', 'the file or the directory; - for a backup from stdin')
    .option('--json', 'print JSON')
    .addHelpText('after', checkHelp)
    .action((path: string, { json }: { readonly json?: boolean }) =>
      withFiles('check', () => tellFacts(path, json === true), path),
    );
}

async function tellFacts(path: string, asJson: boolean): Promise<void> {
  const facts = await factsOf(path);
  await writeLine(asJson ? JSON.stringify(facts) : textOf(facts));
}

async function factsOf(path: string): Promise<Facts> {
  if (path !== '-' && (await stat(path)).isDirectory()) {
    const { checkDirectory } = await import('../backup/directory-check.js');
    return await ofDirectory(await checkDirectory(path));
  }
  const { readBackup } = await import('../backup/backup-file.js');
  return await ofBackup(await readBackup(path));
}

async function ofBackup({ head, end, bytes, state }: CheckedBackup): Promise<Facts> {
  const { contentsOf } = await import('../backup/contents.js');
  const { etcdIndex, keys, locks, elections, registeredNames } = contentsOf(state);
  return {
    kind: 'backup',
    bytes,
    takenAt: new Date(head.takenAt).toISOString(),
    clusterId: head.clusterId,
    memberName: head.memberName,
    version: head.version,
    ...{ index: etcdIndex, logIndex: head.index, term: head.term },
    highestIndex: end.highestIndex,
    ...{ keys, locks, elections, registeredNames },
  };
}

async function ofDirectory({ identity, ...found }: CheckedDirectory): Promise<Facts> {
  const { contentsOf } = await import('../backup/contents.js');
  const { etcdIndex, appliedIndex, keys, locks, elections, registeredNames } = contentsOf(
    found.state,
  );
  const { log } = found;
  return {
    kind: 'data directory',
    clusterId: identity.clusterId,
    memberId: identity.memberId,
    ...(identity.names === undefined ? {} : { memberName: identity.names.own }),
    ...{ starts: found.boot, term: found.term },
    log: log === undefined ? 'empty' : `${log.firstIndex} to ${log.lastIndex}`,
    ...{ index: etcdIndex, logIndex: appliedIndex, keys, locks, elections, registeredNames },
  };
}

/** A line for each, as in `taken at: 2026-11-27T06:04:38.000Z`. */
function textOf(facts: Facts): string {
  const words = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return Object.entries(facts)
    .map(
      ([name, value]) =>
        `${words(name)}: ${Array.isArray(value) ? value.join(', ') || 'none' : value}`,
    )
    .join('\n');
}
