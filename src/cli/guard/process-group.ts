import { readdirSync, readFileSync } from 'node:fs';

/** Whether a signal was delivered to at least one process of the group. */
export function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ESRCH') return false;
    // Somebody is there who has become another user, and may not be signalled.
    if (code === 'EPERM') return true;
    throw error;
  }
}

/** Whether a process of the group can still do something. */
export function groupLives(group: number): boolean {
  if (!signalGroup(group, 0)) return false;
  if (process.platform !== 'linux') return true;
  return readdirSync('/proc').some((name) => /^\d+$/.test(name) && isLiveMember(name, group));
}

/**
 * A zombie is dead, but nobody has asked for its exit code. In a container without an init process
 * it stays for ever.
 */
function isLiveMember(pid: string, group: number): boolean {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
  // The name, in parentheses, may have anything in it.
  const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(processGroup) === group && state !== 'Z' && state !== 'X';
}
