import { readdirSync, readFileSync } from 'node:fs';

/** To load all of its modules, the program has about 140 files open at once. */
const loadedFilesMin = 192;

/**
 * How many files and connections this process may have open at a time: proc(5),
 * /proc/self/limits. Node has raised the soft limit to the hard one. Infinite where the system does
 * not tell.
 */
export function descriptorLimit(): number {
  return softLimit(contentOf('/proc/self/limits'));
}

export function softLimit(limits: string | undefined): number {
  const digits = /^Max open files +(\d+)/m.exec(limits ?? '')?.[1];
  return digits === undefined ? Number.POSITIVE_INFINITY : Number(digits);
}

/** How many are open now; zero where the system does not tell. */
export function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/** Why the program cannot even be loaded, in one line; undefined when it can. */
export function loadRefusal(limit: number): string | undefined {
  return limit < loadedFilesMin ? limitRefusal(limit, loadedFilesMin) : undefined;
}

export function limitRefusal(limit: number, least: number): string {
  return (
    `the limit of open files is ${limit} here, and this member needs ${least} at least: ` +
    'raise it (ulimit -n, or LimitNOFILE of systemd)'
  );
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
