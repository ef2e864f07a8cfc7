import type { Command } from 'commander';
import type { ConclaveClient } from '../client/index.js';
import { ConfigError } from '../config/config-error.js';
import {
  addClusterOptions,
  type ClusterOptions,
  clientOf,
  waitingClientOf,
} from './cluster-options.js';
import { secondsOf, wholeNumberOf } from './durations.js';
import { exitCodes } from './exit-codes.js';
import { nameOf } from './given-name.js';
import { keepForTtl, lockAndRun } from './lock-command.js';
import { type LockFlags, lockPlanOf } from './lock-options.js';
import { claimOfLock, failureCodeOf } from './lock-wait.js';
import { type OncePlan, runOnce } from './once-command.js';
import { slotOf } from './slot.js';

const lockHelp = `
The command runs in a process group of its own, and signals are passed on to it. When the lock is
lost, the group is ended: TERM, and KILL before the TTL is over. The lock is released when nothing
of the group is left.

--on-acquire runs while the lock is held, in the same way as the command. If it fails, its exit code
is that of conclave, and the lock is released. --on-lost runs once, after the group was told to end.

Two that have the same --value hold together. On Linux, those of one host run their commands one
after the other: conclave that was killed, and is started again with its --value, waits until the
earlier command has ended. A call within the command that it would wait for is refused.

The command's environment has CONCLAVE_LOCK_NAME, CONCLAVE_LOCK_INDEX (the fencing token),
CONCLAVE_LOCK_VALUE, and CONCLAVE_LOCK_DEADLINE (seconds since 1970, moved by each renewal).
So has the environment of --on-acquire and --on-lost.

Where the cluster cannot serve, a call ends up to ten seconds after its --timeout, or its --try: it
finds out whether its request has taken effect, and takes it back. A call that is stopped while it
waits takes back its request, too, for four seconds at most.

Exit code: the command's; 75 not acquired in time, 74 lost, 69 no member could serve, 2 usage,
126 or 127 the command cannot be run.

Examples:
  conclave lock reports/nightly -- ./make-report.sh
  conclave lock deploy --try -- ./deploy.sh
  index=$(conclave lock printer --ttl 1h) && conclave unlock printer --index "$index"`;

export function addLockCommands(program: Command): void {
  const lock = program
    .command('lock')
    .description('wait for a lock, and run a command while it is held')
    .argument('<name>', 'the lock')
    .argument('[command...]', 'after --; without one, the index is printed and the TTL runs')
    .option('--ttl <seconds>', 'how long the lock outlives its holder', '60')
    .option('--timeout <seconds>', 'how long to wait (default: as long as it takes)')
    .option('--try', 'do not wait')
    .option('--value <text>', 'names the place (default: host, process and chance)')
    .option('--shared', 'hold together with others that are shared')
    .option('--limit <number>', 'so many may hold together')
    .option(
      '--kill-after <duration>',
      'from TERM to KILL (default: 5s, or a sixth of the TTL if that is less; a third at most)',
    )
    .option('--on-acquire <command>', 'run by sh first; if it fails, the command is not run')
    .option('--on-lost <command>', 'run by sh when the lock is lost')
    .option('--verbose', 'tell on stderr what happens');
  addClusterOptions(lock).addHelpText('after', lockHelp);
  lock.action(async (name: string, command: readonly string[], flags: LockFlags) => {
    const plan = lockPlanOf(flags, command, 'lock', name);
    const claim = claimOfLock(waitingClientOf(flags), nameOf(name), plan);
    process.exitCode = await lockAndRun(claim, name, plan, command, keepForTtl);
  });
  addUnlock(program);
  addOnce(program);
}

function addUnlock(program: Command): void {
  const unlock = program
    .command('unlock')
    .description('release a lock, or leave its queue; exits with 1 if there is no such place')
    .argument('<name>', 'the lock')
    .option('--index <number>', 'the place')
    .option('--value <text>', 'the place that has this value');
  addClusterOptions(unlock);
  unlock.action(async (name: string, flags: UnlockFlags) => {
    process.exitCode = await release(nameOf(name), flags);
  });
}

const onceHelp = `
Exit code: the command's, for the one that runs it. For the others 0 when it was run, whatever its
exit code was; they print who ran it, when, and with which exit code. 74 when the runner was lost.
75, 69, 2, 126 and 127 are as for conclave lock.

A runner is lost when it dies, or cannot renew its lock. Without --retry it is not replaced, so the
command is begun at most once. With --retry it is replaced, so the command may be begun twice.

--every 1h has the key 2030-01-31T15:00:00Z from 14:59 to 15:59 of UTC, by the clock of the member
that answers: a slot begins a tenth of its length early, a minute at most, for calls that are.

Examples, for the crontab of every machine:
  0 * * * * conclave once report --every 1h -- ./make-report.sh
  0 * * * * conclave once report --key "$(date +\\%F-\\%H)" -- ./make-report.sh`;

interface OnceFlags extends LockFlags {
  readonly key?: string;
  readonly every?: string;
  readonly keep?: string;
  readonly retry?: boolean;
}

function addOnce(program: Command): void {
  const once = program
    .command('once')
    .description('of all machines that call this with the same key, one runs the command')
    .argument('<name>', 'the job')
    .argument('<command...>', 'after --')
    .option('--key <text>', 'which run of the job this is')
    .option('--every <duration>', "a run in each slot of so long, by the cluster's time")
    .option('--keep <duration>', 'how long the result is kept (default: 24h, or twice --every)')
    .option('--retry', 'run it again if its runner was lost')
    .option('--ttl <seconds>', 'after so long without its runner it is lost', '60')
    .option('--timeout <seconds>', 'how long to wait for the result (default: as long as it takes)')
    .option(
      '--kill-after <duration>',
      'from TERM to KILL (default: 5s, or a sixth of the TTL if that is less; a third at most)',
    )
    .option('--verbose', 'tell on stderr what happens');
  addClusterOptions(once).addHelpText('after', onceHelp);
  once.action(async (name: string, command: readonly string[], flags: OnceFlags) => {
    const plan = {
      ...lockPlanOf(flags, command, 'lock', name),
      ...onceKeyOf(flags),
      retry: flags.retry === true,
    };
    process.exitCode = await runOnce(waitingClientOf(flags), nameOf(name), plan, command);
  });
}

const secondsOfDay = 86_400;

function onceKeyOf({ key, every, keep }: OnceFlags): Pick<OncePlan, 'key' | 'keepSeconds'> {
  if (key === '') throw new ConfigError('--key must not be empty');
  if (key === '.' || key === '..') throw new ConfigError(`--key must not be "${key}"`);
  if (key !== undefined && every !== undefined) {
    throw new ConfigError('--key and --every both say which run this is: give one of them');
  }
  if (key === undefined && every === undefined) {
    throw new ConfigError('say which run this is, by --key or by --every');
  }
  const seconds = every === undefined ? 0 : secondsOf('--every', every, 10);
  // With its result forgotten, a slot would be run again.
  const keepSeconds =
    keep === undefined
      ? Math.max(secondsOfDay, 2 * seconds)
      : secondsOf('--keep', keep, Math.max(1, 2 * seconds));
  const slot = async (client: ConclaveClient) => slotOf(await client.time(), seconds * 1000);
  return { key: key === undefined ? slot : () => Promise.resolve(key), keepSeconds };
}

interface UnlockFlags extends ClusterOptions {
  readonly index?: string;
  readonly value?: string;
}

async function release(name: string, flags: UnlockFlags): Promise<number> {
  const { index, value } = flags;
  if ((index === undefined) === (value === undefined)) {
    throw new ConfigError('name the place by --index or by --value');
  }
  const place =
    value === undefined ? { token: wholeNumberOf('--index', index ?? '', 1) } : { value };
  try {
    if (await clientOf(flags).release(name, place)) return 0;
    process.stderr.write(`conclave: ${name} has no such place\n`);
    return exitCodes.refused;
  } catch (error) {
    const code = failureCodeOf(error);
    if (code === undefined || !(error instanceof Error)) throw error;
    process.stderr.write(`conclave: ${name}: ${error.message}\n`);
    return code;
  }
}
