import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { loadMemberConfig, type MemberConfig } from '../config/server-config.js';
import { type Setting, settings } from '../config/settings.js';
import { writeLine } from './answer-output.js';
import { contentsText } from './contents-text.js';
import { wholeNumberOf } from './durations.js';
import { withFiles } from './file-failures.js';

const restoreHelp = `
Run it once for each member of the new cluster, with the same FILE, the same
--initial-cluster and the same gap, and then start the members with the same
settings. They form a new cluster, with an id of its own. Keys, locks that were
held, elections and users are there; each TTL begins in full when the cluster
does. Whoever waited for a lock has to ask again.

The new cluster leaves a gap of 1000000000000 indexes behind the highest that
the backup knows of, so that no fencing token is given out twice, not even one
that the old cluster gave out after the backup. Restore a file a second time
with a larger --index-gap, if the first cluster has served anybody.

Exit code: 0; 1 the file cannot be used, or the directory is not empty; 75 a
process uses the directory; 2 usage.

Examples:
  conclave restore today.backup --name n1 --data-dir /var/lib/conclave \\
    --initial-cluster n1=http://10.0.0.1:7001,n2=http://10.0.0.2:7001`;

/** Those of the server that say which member of which cluster it is. */
const keys = ['name', 'data-dir', 'initial-cluster', 'initial-cluster-token'] as const;

interface RestoreFlags {
  readonly indexGap?: string;
}

export function addRestoreCommand(program: Command): void {
  const restore = program
    .command('restore')
    .description('make the data directory of one member of a new cluster from a backup')
    .argument('<file>', 'the backup; - for stdin');
  for (const key of keys) {
    const { argument, help }: Setting = settings[key];
    restore.option(`--${key} ${argument}`, help);
  }
  restore
    .option('--config-file <path>', 'YAML file with these settings, as for the server')
    .option('--index-gap <indexes>', 'how many indexes are left out (default: 1000000000000)')
    .addHelpText('after', restoreHelp)
    .action((file: string, flags: RestoreFlags) => {
      const config = loadMemberConfig({
        flags: settingsIn(restore),
        environment: process.env,
        readFile: (path) => readFileSync(path, 'utf8'),
      });
      const { indexGap } = flags;
      const gap = indexGap === undefined ? undefined : wholeNumberOf('--index-gap', indexGap, 1);
      return withFiles('restore', () => restoreFrom(file, config, gap), file);
    });
}

/** By their names on the command line. */
function settingsIn(command: Command): ReadonlyMap<string, string> {
  const flags = new Map<string, string>();
  for (const option of command.options) {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (typeof value === 'string' && option.name() !== 'index-gap') flags.set(option.name(), value);
  }
  return flags;
}

async function restoreFrom(
  file: string,
  { name, memberId, clusterId, dataDir, initialCluster }: MemberConfig,
  gap: number | undefined,
): Promise<void> {
  const { readBackup } = await import('../backup/backup-file.js');
  const { defaultIndexGap, restoreMember } = await import('../backup/restore.js');
  const { contentsOf } = await import('../backup/contents.js');
  const backup = await readBackup(file);
  const members = initialCluster.map((each) => ({ ...each, peerUrl: each.peerUrl.url }));
  const member = { name, memberId, settingsId: clusterId, dataDir, members };
  const restored = await restoreMember(backup, member, gap ?? defaultIndexGap);
  const what = contentsText({ ...contentsOf(backup.state), etcdIndex: restored.index });
  await writeLine(`${dataDir}: member ${name} of cluster ${restored.clusterId}, ${what}`);
}
