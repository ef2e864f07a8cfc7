import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { LocalCluster } from '../../scripts/cluster/local-cluster.mjs';
import { Authority, type Issued, pemOf } from '../support/certificates.js';
import { asBuilt, type LogLine } from './real-cluster.js';
import { until } from './until.js';

export interface SecureAnswer {
  /** 599 when nobody answers. */
  readonly status: number;
  readonly body: string;
}

export interface SecureOptions {
  /** The certificate of a member, for clients and peers. */
  readonly issuedTo?: (name: string, authority: Authority) => Issued;
  readonly flags?: readonly string[];
  /** The members make their certificates, and ask nobody for any. */
  readonly isAutomatic?: boolean;
}

/** Three real members that speak TLS with everybody, and ask everybody for a certificate. */
export class SecureCluster implements AsyncDisposable {
  readonly authority = new Authority();
  readonly client: Issued;
  readonly cluster: LocalCluster;
  readonly dataDir: string;
  readonly issued: ReadonlyMap<string, Issued>;
  readonly #ports: readonly number[];
  readonly #agent: Agent;
  readonly #isAutomatic: boolean;

  private constructor(ports: readonly number[], options: SecureOptions) {
    const { issuedTo, flags = [], isAutomatic = false } = options;
    this.#isAutomatic = isAutomatic;
    this.client = this.authority.issue({ commonName: 'a client', names: [] });
    const trusted = isAutomatic ? { rejectUnauthorized: false } : { ca: this.ca };
    this.#agent = new Agent({ keepAlive: true, ...trusted, ...pemOf(this.client) });
    this.#ports = ports.slice(0, 3);
    this.dataDir = mkdtempSync(join(tmpdir(), 'conclave-test-'));
    const issue = issuedTo ?? ((name) => this.authority.issue({ commonName: name }));
    const names = ['node1', 'node2', 'node3'];
    this.issued = new Map(names.map((name) => [name, issue(name, this.authority)]));
    this.cluster = new LocalCluster({
      clientPorts: this.#ports,
      peerPorts: ports.slice(3),
      dataDir: this.dataDir,
      command: asBuilt,
      flags,
      flagsOf: (name) => this.#flagsOf(name),
      secure: true,
      log: (line: string) => console.error(line),
    });
  }

  static async start(options: SecureOptions = {}): Promise<SecureCluster> {
    const secure = new SecureCluster(await freePorts(6), options);
    await secure.cluster.start();
    return secure;
  }

  get names(): readonly string[] {
    return this.cluster.names;
  }

  get ca(): string {
    return readFileSync(this.authority.caFile, 'latin1');
  }

  url(name: string, path = ''): string {
    return `https://127.0.0.1:${this.#ports[this.names.indexOf(name)]}${path}`;
  }

  /** What a client shows. */
  get shown(): { readonly cert: string; readonly key: string } {
    return pemOf(this.client);
  }

  /** As an operator does it: first the one file, then the other. */
  replace(name: string, { certFile, keyFile }: Issued): void {
    const own = this.issued.get(name);
    copyFileSync(certFile, own?.certFile ?? '');
    copyFileSync(keyFile, own?.keyFile ?? '');
  }

  ask(
    method: string,
    name: string,
    path: string,
    form?: string,
    { isAlone = false }: { readonly isAlone?: boolean } = {},
  ): Promise<SecureAnswer> {
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const headers = form === undefined ? {} : type;
    const options = isAlone
      ? { method, headers, agent: false as const, ca: this.ca, ...this.shown }
      : { method, headers, agent: this.#agent };
    return new Promise((resolve) => {
      const lost = () => resolve({ status: 599, body: '' });
      const sent = request(this.url(name, path), options, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.once('error', lost);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
      });
      sent.once('error', lost).setTimeout(20_000, () => sent.destroy());
      sent.end(form);
    });
  }

  async serves(names: readonly string[] = this.names): Promise<void> {
    for (const name of names) {
      const isHealthy = async () => (await this.ask('GET', name, '/health')).status === 200;
      await until(isHealthy, `${name} serves`, 60_000);
    }
  }

  async leader(): Promise<string> {
    for (const name of this.names) {
      const { body } = await this.ask('GET', name, '/v2/stats/self');
      if (/"role":"leader"/.test(body)) return name;
    }
    throw new Error('nobody leads');
  }

  logLines(name: string): readonly LogLine[] {
    return readFileSync(join(this.dataDir, `${name}.log`), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): LogLine => JSON.parse(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.destroy();
    const alive = this.cluster.status().nodes.filter(({ state }) => state !== 'dead');
    await Promise.all(alive.map(({ name }) => this.cluster.kill(name)));
    await this.cluster.stop();
    rmSync(this.dataDir, { recursive: true, force: true });
    this.authority[Symbol.dispose]();
  }

  /** Of a member that shows this certificate, to clients and to peers. */
  flagsWith({ certFile, keyFile }: Issued): readonly string[] {
    const ca = this.authority.caFile;
    return [
      ...['--cert-file', certFile, '--key-file', keyFile, '--trusted-ca-file', ca],
      ...['--peer-cert-file', certFile, '--peer-key-file', keyFile, '--peer-trusted-ca-file', ca],
      '--peer-client-cert-auth',
    ];
  }

  #flagsOf(name: string): readonly string[] {
    if (this.#isAutomatic) return ['--auto-tls', '--peer-auto-tls'];
    const issued = this.issued.get(name);
    return issued === undefined ? [] : this.flagsWith(issued);
  }
}
