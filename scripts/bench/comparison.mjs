import { inParallel } from '../scale/lock-client.mjs';
import { summaryOf } from './rounds.mjs';

/** @typedef {import('./lines.mjs').Line} Line */
/** @typedef {import('./rounds.mjs').Row} Row */
/** @typedef {{line: Line, found: import('./rounds.mjs').Found}} Task */

const started = 'npm start';
const direct = 'no proxies';
/** By how much the proxies in the links may change what a line finds. */
const proxyShareMax = 0.15;
/** In a check of the instrument, so many runs go on at once. */
const besideMax = 8;
const warmUpSeconds = 2;

/**
 * Measures lines on Conclave as `npm start` runs it, and on etcd. They take turns, so that whatever
 * else the machine does meets both.
 */
export class Comparison {
  #systems;
  #plan;
  #withEtcd;
  /** @type {Map<string, Promise<import('./system.mjs').System>>} the clusters that lines share */
  #shared = new Map();
  #runs = 0;

  /**
   * @param {import('./system.mjs').Systems} systems
   * @param {import('./lines.mjs').Plan} plan
   * @param {boolean} withEtcd
   */
  constructor(systems, plan, withEtcd) {
    this.#systems = systems;
    this.#plan = plan;
    this.#withEtcd = withEtcd;
  }

  /**
   * @param {Line} line
   * @returns {Promise<Row>}
   */
  async measure(line) {
    const row = this.#emptyRow(line);
    const seconds = Math.min(warmUpSeconds, this.#plan.seconds);
    if (line.main === 'perSecond') {
      for (const { name } of row.systems) await this.#run(line, name, { ...this.#plan, seconds });
    }
    const rounds = line.once === true ? 1 : this.#plan.rounds;
    for (let round = 0; round < rounds; round += 1) {
      for (const found of row.systems) {
        found.rounds.push(await this.#run(line, found.name, this.#plan));
      }
    }
    return row;
  }

  /**
   * One run of each line, and many at once: it shows that all of them work, and its figures say
   * nothing.
   * @param {readonly Line[]} lines
   * @returns {Promise<Row[]>}
   */
  async check(lines) {
    const rows = lines.map((line) => this.#emptyRow(line));
    const tasks = lines.flatMap((line, at) =>
      (rows[at]?.systems ?? []).map((found) => ({ line, found })),
    );
    /** @param {Task | undefined} task */
    const run = async (task) => {
      if (task === undefined) return;
      task.found.rounds.push(await this.#run(task.line, task.found.name, this.#plan));
    };
    const beside = tasks.filter(({ line }) => line.alone !== true);
    await inParallel(beside.length, besideMax, (number) => run(beside[number]));
    for (const line of lines.filter(({ alone }) => alone === true)) {
      await Promise.all(tasks.filter((task) => task.line === line).map(run));
    }
    return rows;
  }

  /** Between lines that share clusters and others: idle members take memory, and a little time. */
  async stopShared() {
    const running = [...this.#shared.values()];
    this.#shared.clear();
    for (const system of running) await this.#systems.stop(await system);
  }

  /**
   * @param {Line} line
   * @returns {Row}
   */
  #emptyRow({ name, main, comparesProxies }) {
    const names = [started];
    if (comparesProxies === true) names.push(direct);
    if (this.#withEtcd) names.push('etcd');
    return { name, main, systems: names.map((each) => ({ name: each, rounds: [] })) };
  }

  /**
   * @param {Line} line
   * @param {string} name of the system
   * @param {import('./lines.mjs').Plan} plan
   */
  async #run({ run, ownCluster }, name, plan) {
    this.#runs += 1;
    const key = `bench${this.#runs}`;
    if (ownCluster === undefined) return await run(await this.#sharedOf(name), plan, key);
    const system = await this.#systems.start(name, ownCluster(plan));
    const figures = await run(system, plan, key);
    await this.#systems.stop(system);
    return figures;
  }

  /** @param {string} name */
  #sharedOf(name) {
    const system = this.#shared.get(name) ?? this.#systems.start(name);
    this.#shared.set(name, system);
    return system;
  }
}

/**
 * What is wrong when the cluster with proxies in its links does not do about as much as the one
 * without.
 * @param {Row} row
 */
export function proxiesFault({ name, main, systems }) {
  const [one, other] = [started, direct].map((wanted) =>
    systems.find((found) => found.name === wanted),
  );
  if (one === undefined || other === undefined) return undefined;
  const share = summaryOf(one, main) / summaryOf(other, main) - 1;
  if (Math.abs(share) <= proxyShareMax) return undefined;
  const percent = (share * 100).toFixed(0);
  return `${name}: the proxies in the links change it by ${percent} %`;
}
