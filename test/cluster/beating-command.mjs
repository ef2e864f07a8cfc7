// A command that writes down when it ran: a line with its process and environment, and then the
// machine's monotonic time, in microseconds, and the wall clock, in milliseconds, again and again.
import { spawn } from 'node:child_process';
import { openSync, writeSync } from 'node:fs';

const [file = '', manner = '', guard = process.ppid] = process.argv.slice(2);
if (manner === 'stubborn') process.on('SIGTERM', () => undefined);
if (manner === 'parent') {
  // The one that beats is its child, and does not mind being asked to end.
  const args = [process.argv[1] ?? '', file, 'stubborn', String(process.ppid)];
  spawn(process.execPath, args, { stdio: 'inherit' });
  setInterval(() => undefined, 1000);
} else {
  const beats = openSync(file, 'a');
  const { pid, env } = process;
  writeSync(beats, `${JSON.stringify({ pid, guard: Number(guard), env })}\n`);
  const now = () => process.hrtime.bigint() / 1000n;
  setInterval(() => writeSync(beats, `${now()} ${Date.now()}\n`), 2);
}
