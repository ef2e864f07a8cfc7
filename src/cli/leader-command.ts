import type { Command } from 'commander';
import type { ConclaveClient, Leadership } from '../client/index.js';
import { answerWith, writeLine } from './answer-output.js';
import {
  addClusterOptions,
  type ClusterOptions,
  clientOf,
  waitingClientOf,
} from './cluster-options.js';
import { exitCodes } from './exit-codes.js';
import { nameOf } from './given-name.js';

const leaderHelp = `
Exit code: 0; 1 nobody leads; 69 no member could serve; 2 usage. With --watch, an empty line means
that nobody leads.

Examples:
  conclave leader jobs
  conclave leader jobs --watch --json`;

interface LeaderFlags extends ClusterOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

export function addLeaderCommand(program: Command): void {
  const leader = program
    .command('leader')
    .description('print who leads in an election')
    .argument('<name>', 'the election')
    .option('--watch', 'and each change, until it is interrupted')
    .option('--json', 'print JSON, with the fencing token');
  addClusterOptions(leader).addHelpText('after', leaderHelp);
  leader.action(async (name: string, flags: LeaderFlags) => {
    const client = flags.watch === true ? waitingClientOf(flags) : clientOf(flags);
    await answerWith(name, () => tellLeader(client, nameOf(name), flags));
  });
}

async function tellLeader(client: ConclaveClient, name: string, flags: LeaderFlags): Promise<void> {
  // Observing waits for members for ever; this one tells at the beginning when none is there.
  await client.time();
  for await (const leadership of client.observe(name)) {
    const isNobody = leadership.leader === undefined;
    if (flags.watch === true || flags.json === true || !isNobody) {
      await writeLine(lineFor(leadership, flags));
    }
    if (flags.watch === true) continue;
    if (!isNobody) return;
    process.stderr.write(`conclave: ${name}: nobody leads\n`);
    process.exitCode = exitCodes.refused;
    return;
  }
}

function lineFor(leadership: Leadership, { json }: LeaderFlags): string {
  if (json !== true) return leadership.leader ?? '';
  // Without a leader there is no token: the index is that of the key store then.
  return JSON.stringify(leadership.leader === undefined ? { leader: null } : leadership);
}
