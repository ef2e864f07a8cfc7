import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { shell } from '../cluster/shell.js';
import { until } from '../cluster/until.js';

/** Says why what needs it is skipped; false where it is installed. */
export const etcdctlMissing: string | false =
  (await shell('command -v etcdctl')).code !== 0 &&
  'etcdctl is not installed (Debian has it in etcd-client)';

/** Shell text after which `etcdctl` asks these members, and no others that they may know. */
export function etcdctlPrelude(endpoints: readonly string[]): string {
  return [
    `export ETCDCTL_API=2 ETCDCTL_ENDPOINTS=${endpoints.join()}`,
    'etcdctl() { command etcdctl --no-sync "$@"; }',
  ].join('\n');
}

/** An etcdctl that does not end by itself. */
export class EtcdctlProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  #output = '';

  constructor(endpoints: readonly string[], args: readonly string[]) {
    this.#child = spawn('etcdctl', [...args], {
      env: { ...process.env, ETCDCTL_API: '2', ETCDCTL_ENDPOINTS: endpoints.join() },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text;
    });
  }

  /** Resolves when it has printed this, and nothing else, since it began. */
  async prints(text: string): Promise<void> {
    const printed = () => this.#output.trimEnd() === text;
    await until(printed, `etcdctl prints ${text}`).catch((error: unknown) => {
      throw new Error(`it printed ${this.#output}`, { cause: error });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
