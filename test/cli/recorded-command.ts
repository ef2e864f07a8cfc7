import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const tellSignals = new URL('tell-signals.mjs', import.meta.url).href;
export const main = fileURLToPath(new URL('recording-main.mjs', import.meta.url));

export type CommandProcess = ChildProcessByStdio<Writable | null, Readable, Readable>;

/** `conclave` as built; a server that it would run is only noted. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): CommandProcess {
  return started([main, ...args], env, []);
}

/** The same, and it sends a message for each signal that has arrived. */
export function startTelling(args: readonly string[], env: NodeJS.ProcessEnv): CommandProcess {
  return started(['--import', tellSignals, main, ...args], env, ['ipc']);
}

function started(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  channel: readonly 'ipc'[],
): CommandProcess {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', ...channel],
  }) as CommandProcess;
  child.stdout.setEncoding('utf8');
  child.stderr.setEncoding('utf8');
  return child;
}

/** What it prints from now on, and how it ends. */
export async function ended(child: CommandProcess) {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.on('data', (text: string) => {
    stderr += text;
  });
  const [code, signal]: unknown[] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}
