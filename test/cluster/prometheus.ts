import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePorts } from '../../scripts/cluster/free-ports.mjs';
import { Program } from '../programs/program.js';
import { until } from './until.js';

export interface Alert {
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Target {
  readonly health: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly object[] }[];
}

/** How long a state has to last before an alert fires here. In the rules it is a minute or so. */
const patience = '2s';

/** Debian's Prometheus, with our rules in a hurry. */
export class Prometheus implements AsyncDisposable {
  readonly #program: Program;
  readonly #directory: string;
  readonly #url: string;

  private constructor(program: Program, directory: string, url: string) {
    this.#program = program;
    this.#directory = directory;
    this.#url = url;
  }

  /** @param targets as `host:port`. */
  static async start(targets: readonly string[]): Promise<Prometheus> {
    const directory = mkdtempSync(join(tmpdir(), 'conclave-prometheus-'));
    const [port] = await freePorts(1);
    const config = join(directory, 'prometheus.yml');
    writeFileSync(join(directory, 'alerts.yml'), stringify(hurried(readRules())));
    writeFileSync(
      config,
      stringify({
        global: { scrape_interval: '1s', evaluation_interval: '1s', scrape_timeout: '1s' },
        rule_files: ['alerts.yml'],
        scrape_configs: [{ job_name: 'conclave', static_configs: [{ targets: [...targets] }] }],
      }),
    );
    const program = new Program([
      '/usr/bin/prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]);
    const prometheus = new Prometheus(program, directory, `http://127.0.0.1:${port}`);
    try {
      await program.prints('Server is ready to receive web requests');
    } catch (error) {
      await prometheus[Symbol.asyncDispose]();
      throw error;
    }
    return prometheus;
  }

  async targets(): Promise<readonly Target[]> {
    return (await this.#get<{ activeTargets: Target[] }>('/api/v1/targets')).activeTargets;
  }

  /** Rules that cannot be evaluated on what is scraped. */
  async brokenRules(): Promise<readonly string[]> {
    interface Health {
      readonly name: string;
      readonly health: string;
      readonly lastError?: string;
    }
    const { groups } = await this.#get<{ groups: { rules: Health[] }[] }>('/api/v1/rules');
    return groups
      .flatMap(({ rules }) => rules)
      .filter(({ health }) => health === 'err')
      .map(({ name, lastError }) => `${name}: ${lastError}`);
  }

  /** The alerts that fire: name, and the instance if it is about one. */
  async firing(): Promise<readonly string[]> {
    const { alerts } = await this.#get<{ alerts: Alert[] }>('/api/v1/alerts');
    const names = alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels }) => [labels['alertname'], labels['instance']].filter(Boolean).join(' '));
    return [...new Set(names)].sort();
  }

  async fires(alert: string): Promise<void> {
    await until(async () => (await this.firing()).includes(alert), `${alert} fires`, 60_000);
  }

  async isQuietAbout(...alerts: readonly string[]): Promise<void> {
    const isOver = async () => {
      const firing = await this.firing();
      return !alerts.some((alert) => firing.some((one) => one.startsWith(alert)));
    };
    await until(isOver, `${alerts.join(', ')} are over`, 60_000);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.#url}${path}`);
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    const { data } = (await answer.json()) as { data: T };
    return data;
  }
}

function readRules(): RuleFile {
  return parse(readFileSync(new URL('../../docs/alerts.yml', import.meta.url), 'utf8'));
}

function hurried({ groups }: RuleFile): RuleFile {
  return {
    groups: groups.map(({ name, rules }) => ({
      name,
      rules: rules.map((rule) => ('for' in rule ? { ...rule, for: patience } : rule)),
    })),
  };
}
