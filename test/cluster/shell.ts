import { execFile } from 'node:child_process';

export interface CurlAnswer {
  readonly status: number;
  readonly body: string;
}

/** Runs a line that begins with `curl`, as a person would type it, and tells what came back. */
export async function curl(line: string): Promise<CurlAnswer> {
  const [, rest] = /^curl (.*)$/s.exec(line) ?? [];
  if (rest === undefined) throw new Error(`not a curl command: ${line}`);
  const { code, stdout, stderr } = await shell(`curl -sS -m 20 -w '\\n%{http_code}' ${rest}`);
  if (code !== 0) throw new Error(`${line}: ${stderr}`);
  const at = stdout.lastIndexOf('\n');
  return { status: Number(stdout.slice(at + 1)), body: stdout.slice(0, at) };
}

export interface ShellResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function shell(line: string): Promise<ShellResult> {
  return new Promise((resolve) => {
    const child = execFile('sh', ['-c', line], (_, stdout, stderr) => {
      resolve({ code: child.exitCode ?? 1, stdout, stderr });
    });
  });
}
