import { readdirSync, readFileSync } from 'node:fs';

/** Whether a signal was delivered to at least one process of the group. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return answerOf(group, signal) !== 'nobody';
}

/** To a signal. */
type Answer = 'delivered' | 'notPermitted' | 'nobody';

function answerOf(group: number, signal: NodeJS.Signals | 0): Answer {
  try {
    process.kill(-group, signal);
    return 'delivered';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ESRCH') return 'nobody';
    // Somebody is there who has become another user, and may not be signalled.
    if (code === 'EPERM') return 'notPermitted';
    throw error;
  }
}

/** Whether a process of the group can still do something. */
export function groupLives(group: number): boolean {
  const answer = answerOf(group, 0);
  if (answer === 'nobody') return false;
  if (process.platform !== 'linux') return true;
  const states = statesOf(group);
  // /proc may hide the processes of other users (its hidepid, ProtectProc of systemd).
  if (answer === 'notPermitted' && states.length === 0) return true;
  return states.some((state) => !isDead(state));
}

/**
 * A zombie is dead, but nobody has asked for its exit code. In a container without an init process
 * it stays for ever.
 */
function isDead(state: string): boolean {
  return state === 'Z' || state === 'X';
}

/** A letter for each process of the group that can be seen: proc(5), /proc/[pid]/stat. */
function statesOf(group: number): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const [state = '', , processGroup] = statusOf(pid);
      return Number(processGroup) === group ? [state] : [];
    });
}

/** Empty when the process is gone, or hidden. */
function statusOf(pid: string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may have anything in it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}
