import type { Command } from 'commander';
import type { ConclaveClient } from '../client/index.js';
import { ConfigError } from '../config/config-error.js';
import { answerWith, writeLine } from './answer-output.js';
import {
  addClusterOptions,
  type ClusterOptions,
  clientOf,
  waitingClientOf,
} from './cluster-options.js';
import { wholeNumberOf } from './durations.js';
import { exitCodes } from './exit-codes.js';
import { nameOf } from './given-name.js';
import { lockLine, placeText } from './lock-line.js';
import { watchLock, watchLocks } from './locks-watch.js';

const locksHelp = `
With --watch each lock is told in one line, and again in a new line when somebody else holds it, or
when more or fewer wait for it.

Exit code: 0, also for a lock that is free; 69 no member could serve; 2 usage. The index is the
fencing token.

Examples:
  conclave locks
  conclave locks reports/nightly --json
  conclave locks --watch`;

interface LocksFlags extends ClusterOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

export function addLocksCommand(program: Command): void {
  const locks = program
    .command('locks')
    .description('tell who holds each lock, or who holds one and who waits for it')
    .argument('[name]', 'the lock (default: all that are held)')
    .option('--watch', 'and each change, until it is interrupted')
    .option('--json', 'print JSON, a lock on a line')
    // There may be a lock of that name.
    .helpCommand(false);
  addClusterOptions(locks).addHelpText('after', locksHelp);
  locks.action(async (name: string | undefined, flags: LocksFlags) => {
    const client = flags.watch === true ? waitingClientOf(flags) : clientOf(flags);
    await answerWith(name ?? 'locks', () => tellLocks(client, name, flags));
  });
  addRelease(locks);
}

async function tellLocks(
  client: ConclaveClient,
  given: string | undefined,
  { watch = false, json = false }: LocksFlags,
): Promise<void> {
  const name = given === undefined ? undefined : nameOf(given);
  if (name === undefined) return watch ? watchLocks(client, json) : listAll(client, json);
  return watch ? watchLock(client, name, json) : describeOne(client, name, json);
}

async function listAll(client: ConclaveClient, isJson: boolean): Promise<void> {
  for await (const lock of client.locks()) {
    await writeLine(isJson ? JSON.stringify(lock) : lockLine(lock));
  }
}

async function describeOne(client: ConclaveClient, name: string, isJson: boolean): Promise<void> {
  const lock = await client.inspect(name);
  if (isJson) return writeLine(JSON.stringify(lock));
  if (lock.holders.length === 0) await writeLine('free');
  for (const place of lock.holders) await writeLine(`holds: ${placeText(place)}`);
  for (const place of lock.queue) await writeLine(`waits: ${placeText(place)}`);
}

const releaseHelp = `
Whoever holds the lock by that index learns that it is lost, at the next renewal; conclave lock ends
its command then. The history of the lock says that it was forced, and the member keeps the address
from which it was done. conclave unlock is for one's own place.

Exit code: 0; 1 the place does not exist; 69 no member could serve; 2 usage.

Examples:
  conclave locks reports/nightly
  conclave locks release reports/nightly --index 7`;

interface ReleaseFlags extends ClusterOptions {
  readonly index?: string;
}

function addRelease(locks: Command): void {
  const release = locks
    .command('release')
    .description('take a lock away from its holder, or remove a place that waits')
    .argument('<name>', 'the lock')
    .option('--index <number>', 'the place; conclave locks NAME tells it');
  addClusterOptions(release).addHelpText('after', releaseHelp);
  release.action(async (name: string, { index, ...flags }: ReleaseFlags) => {
    if (index === undefined) throw new ConfigError('say with --index which place is meant');
    const token = wholeNumberOf('--index', index, 1);
    const client = clientOf(flags);
    await answerWith(name, () => forceRelease(client, nameOf(name), token));
  });
}

async function forceRelease(client: ConclaveClient, name: string, token: number): Promise<void> {
  if (await client.release(name, { token }, { force: true })) return;
  const { holders } = await client.inspect(name);
  const holds =
    holders.length === 0 ? 'nobody holds it' : `held by ${holders.map(placeText).join(', ')}`;
  process.stderr.write(`conclave: ${name}: there is no place ${token}; ${holds}\n`);
  process.exitCode = exitCodes.refused;
}
