import type { Command } from 'commander';
import { ConfigError } from '../config/config-error.js';
import { addClusterOptions, waitingClientOf } from './cluster-options.js';
import { nameOf } from './given-name.js';
import { keepUntilSignal, lockAndRun } from './lock-command.js';
import { type LockFlags, lockPlanOf } from './lock-options.js';
import type { Claim } from './lock-wait.js';

const electHelp = `
The command, --on-acquire, --on-lost and the exit code are as for conclave lock: it runs while VALUE
leads, and is killed before anybody else does. CONCLAVE_LOCK_NAME is the election. When the command
ends, VALUE resigns.

Without a command, the index (the fencing token) is printed when VALUE leads. It leads until a
signal (INT, TERM, HUP, QUIT, USR2) comes, and resigns, or until the leadership is lost: 74.

Two that have the same VALUE lead together, so give each candidate one of its own. On Linux, those of
one host run their commands one after the other: conclave that was killed, and is started again with
its VALUE, waits until the earlier command has ended.

Examples:
  conclave elect billing "$(hostname)" -- ./serve-billing.sh
  conclave elect billing "$(hostname)" --ttl 15 --on-lost ./page-somebody.sh -- ./serve-billing.sh
  conclave leader billing`;

export function addElectCommand(program: Command): void {
  const elect = program
    .command('elect')
    .description('wait until VALUE leads, and run a command while it does')
    .argument('<name>', 'the election')
    .argument('<value>', 'who this is: the name of the candidate')
    .argument('[command...]', 'after --; without one, the index is printed, and VALUE leads on')
    .option('--ttl <seconds>', 'how long the leadership outlives its leader', '60')
    .option('--timeout <seconds>', 'how long to wait (default: as long as it takes)')
    .option('--try', 'do not wait')
    .option(
      '--kill-after <duration>',
      'from TERM to KILL (default: 5s, or a sixth of the TTL if that is less; a third at most)',
    )
    .option('--on-acquire <command>', 'run by sh first; if it fails, the command is not run')
    .option('--on-lost <command>', 'run by sh when the leadership is lost')
    .option('--verbose', 'tell on stderr what happens');
  addClusterOptions(elect).addHelpText('after', electHelp);
  elect.action(
    async (name: string, value: string, command: readonly string[], flags: LockFlags) => {
      if (value === '') throw new ConfigError('VALUE must not be empty: it names the candidate');
      const plan = lockPlanOf({ ...flags, value }, command, 'election', name);
      const client = waitingClientOf(flags);
      // Whoever leads without a command here has the work elsewhere, and wants to lead on.
      const claim: Claim = (options) =>
        client.elect(nameOf(name), { ...options, value, renew: true });
      process.exitCode = await lockAndRun(claim, name, plan, command, keepUntilSignal);
    },
  );
}
