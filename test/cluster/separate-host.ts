import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Neither a farewell nor a refusal leaves any more, and nobody hears that nothing arrives. */
const silence = [
  'table inet silence {',
  '  chain in { type filter hook input priority 0; policy drop; }',
  '  chain out { type filter hook output priority 0; policy drop; }',
  '}',
].join('\n');

/** In this process so far. */
let hosts = 0;

/**
 * A network namespace of our own, on a cable to this machine that can fall silent. Linux, as root.
 */
export class SeparateHost implements AsyncDisposable {
  /** Of this machine, as that host sees it. */
  readonly gateway: string;
  /** Its own. */
  readonly address: string;
  readonly #name: string;
  readonly #cable: string;
  readonly #children: ChildProcess[] = [];

  /** Or why this machine does not let us have one. */
  static async start(): Promise<SeparateHost | string> {
    const host = new SeparateHost();
    const refusal = host.#connect();
    if (refusal === undefined) return host;
    await host[Symbol.asyncDispose]();
    return refusal;
  }

  /**
   * Each process has names of its own, and for each of up to four hosts four addresses of those
   * that are meant for tests (RFC 2544).
   */
  private constructor() {
    const ordinal = hosts++ % 4;
    const first = (process.pid % 2 ** 13) * 16 + ordinal * 4;
    this.gateway = testAddress(first + 1);
    this.address = testAddress(first + 2);
    this.#name = `conclave-${process.pid}-${ordinal}`;
    // An interface has at most 15 letters.
    this.#cable = `host${process.pid}-${ordinal}`;
  }

  #connect(): string | undefined {
    const there = ['-n', this.#name];
    const ends = [this.#cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#name];
    this.#remove();
    return (
      refusalOf('ip', ['netns', 'add', this.#name]) ??
      refusalOf('ip', ['link', 'add', ...ends]) ??
      refusalOf('ip', ['address', 'add', `${this.gateway}/30`, 'dev', this.#cable]) ??
      refusalOf('ip', ['link', 'set', this.#cable, 'up']) ??
      refusalOf('ip', [...there, 'address', 'add', `${this.address}/30`, 'dev', 'eth0']) ??
      refusalOf('ip', [...there, 'link', 'set', 'eth0', 'up']) ??
      refusalOf('ip', ['netns', 'exec', this.#name, 'nft', 'list', 'ruleset'])
    );
  }

  /** Precedes a command that is to run there, in the process that is started. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.#name];
  }

  /** Runs a program there. */
  spawn(command: string, args: readonly string[]): void {
    const [ip = '', ...before] = this.prefix;
    this.#children.push(spawn(ip, [...before, command, ...args], { stdio: 'ignore' }));
  }

  /** Whether its cable has this address, beside its own. */
  hasAddress(address: string): boolean {
    const args = ['-n', this.#name, 'address', 'show', 'dev', 'eth0'];
    return spawnSync('ip', args, { encoding: 'utf8' }).stdout.includes(` ${address}/`);
  }

  /** Whether it has this many connections, and has confirmed all that they brought. */
  hasConfirmed(connections: number): boolean {
    const { stdout } = spawnSync('ss', ['-Htn', 'dst', this.address], { encoding: 'utf8' });
    const lines = stdout.trim().split('\n');
    return lines.length === connections && lines.every((line) => /^ESTAB +0 +0 /.test(line));
  }

  /** Whatever is sent over its cable is lost, until it heals. */
  cut(): void {
    this.#filter(silence);
  }

  heal(): void {
    this.#filter('delete table inet silence');
  }

  #filter(rules: string): void {
    const [ip = '', ...before] = this.prefix;
    const refusal = refusalOf(ip, [...before, 'nft', rules]);
    if (refusal !== undefined) throw new Error(refusal);
  }

  /** As when its power fails: what runs there ends, and nobody else is told. */
  async vanish(): Promise<void> {
    this.cut();
    await this.#endAll();
  }

  async #endAll(): Promise<void> {
    for (const child of this.#children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
  }

  /** An interface that is not there is no error: it may never have been made. */
  #remove(): void {
    refusalOf('ip', ['link', 'delete', this.#cable]);
    refusalOf('ip', ['netns', 'delete', this.#name]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#endAll();
    this.#remove();
  }
}

function testAddress(offset: number): string {
  return `198.${18 + (offset >> 16)}.${(offset >> 8) & 255}.${offset & 255}`;
}

/** Why it went wrong, or undefined. */
function refusalOf(command: string, args: readonly string[]): string | undefined {
  const result = spawnSync(command, args, { encoding: 'utf8' });
  if (result.status === 0) return undefined;
  const why = result.error?.message ?? result.stderr.trim();
  return `${command} ${args.join(' ')}: ${why}`;
}
