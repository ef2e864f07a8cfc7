import type { Command } from 'commander';
import type { ConclaveClient } from '../client/index.js';
import { answerWith, writeLine } from './answer-output.js';
import { addClusterOptions, type ClusterOptions, clientOf } from './cluster-options.js';
import { nameOf } from './given-name.js';

const locksHelp = `
Exit code: 0, also for a lock that is free; 69 no member could serve; 2 usage. The index is the
fencing token.

Examples:
  conclave locks
  conclave locks reports/nightly --json`;

interface LocksFlags extends ClusterOptions {
  readonly json?: boolean;
}

export function addLocksCommand(program: Command): void {
  const locks = program
    .command('locks')
    .description('tell who holds each lock, or who holds one and who waits for it')
    .argument('[name]', 'the lock (default: all that are held)')
    .option('--json', 'print JSON, a lock on a line');
  addClusterOptions(locks).addHelpText('after', locksHelp);
  locks.action(async (name: string | undefined, flags: LocksFlags) => {
    const client = clientOf(flags);
    const isJson = flags.json === true;
    await answerWith(name ?? 'locks', () =>
      name === undefined ? listAll(client, isJson) : describeOne(client, nameOf(name), isJson),
    );
  });
}

async function listAll(client: ConclaveClient, isJson: boolean): Promise<void> {
  for await (const lock of client.locks()) {
    const { name, holders, holding, waiting } = lock;
    const more = holding > holders.length ? ` and ${holding - holders.length} more` : '';
    const line = `${name}: held by ${holders.map(placeText).join(', ')}${more}; ${waiting} waiting`;
    await writeLine(isJson ? JSON.stringify(lock) : line);
  }
}

async function describeOne(client: ConclaveClient, name: string, isJson: boolean): Promise<void> {
  const lock = await client.inspect(name);
  if (isJson) return writeLine(JSON.stringify(lock));
  if (lock.holders.length === 0) await writeLine('free');
  for (const place of lock.holders) await writeLine(`holds: ${placeText(place)}`);
  for (const place of lock.queue) await writeLine(`waits: ${placeText(place)}`);
}

function placeText({ value, index }: { readonly value: string; readonly index: number }): string {
  return `${value} (index ${index})`;
}
