import { digestOf, versionsAt } from './bulk-contents.js';
import { BulkWriters } from './bulk-writers.js';
import type { RealCluster } from './real-cluster.js';
import { until } from './until.js';

/**
 * The member that is killed, and when: while the bytes are on their way, or when all have arrived.
 */
interface Strike {
  readonly victim: 'receiver' | 'sender';
  readonly moment: 'transfer' | 'installation';
}

const inTransfer: readonly Strike[] = [
  { victim: 'receiver', moment: 'transfer' },
  { victim: 'sender', moment: 'transfer' },
];

/**
 * After one of these nothing is left to be sent, unless what was received is lost. Rounds take
 * turns.
 */
const inInstallation: readonly Strike[] = [
  { victim: 'receiver', moment: 'installation' },
  { victim: 'sender', moment: 'installation' },
];

export interface SnapshotPlan {
  /** Of all values together. */
  readonly megabytes: number;
  readonly clients: number;
  /** In each a follower needs a snapshot, and three kills befall its receiver and its senders. */
  readonly rounds: number;
  /** While a snapshot is sent and installed. */
  readonly bytesPerSecond: number;
  /** For all values to be written once, and for the log to be outgrown. */
  readonly writeLimitMs: number;
  /** For a leader to be elected, and a snapshot to be sent. */
  readonly sendLimitMs: number;
  /** For a follower to catch up, also under load. */
  readonly agreeLimitMs: number;
  readonly onProgress: (line: string) => void;
}

export interface SnapshotResult {
  readonly writtenBytes: number;
  readonly failures: number;
  /** Until all members had applied the same, after the load. */
  readonly agreedMs: number;
  readonly violations: readonly string[];
}

const megabyte = 1_000_000;

/** 200 values are larger than a log keeps, so a member that has missed them is sent a snapshot. */
export const flags = ['--snapshot-count', '200'];
export const valueBytes = 100_000;

interface Self {
  readonly role: string;
  readonly term: number;
  readonly firstIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
}

interface Transfer {
  readonly sender: string;
  /** Of its connection. */
  readonly number: number;
  readonly bytes: number;
}

/**
 * A follower misses more than the leader's log holds, and must be sent a snapshot, under load.
 * Meanwhile senders and receiver are killed (-9), and started again. At the end all must have the
 * same, and nothing that was acknowledged is missing.
 */
export class SnapshotCampaign {
  readonly #real: RealCluster;
  readonly #plan: SnapshotPlan;
  readonly #keys: number;

  constructor(real: RealCluster, plan: SnapshotPlan) {
    this.#real = real;
    this.#plan = plan;
    this.#keys = Math.ceil((plan.megabytes * megabyte) / valueBytes);
  }

  async run(): Promise<SnapshotResult> {
    const { clients } = this.#plan;
    await using writers = new BulkWriters(this.#real, { clients, valueBytes, keys: this.#keys });
    for (let round = 0; round < this.#plan.rounds; round += 1) {
      const last = inInstallation[round % inInstallation.length];
      await this.#round([...inTransfer, ...(last === undefined ? [] : [last])], writers);
    }
    await writers.stop();
    const agreedMs = await this.#agreed();
    const violations = await this.#violations(writers.acknowledged);
    return { writtenBytes: writers.bytes, failures: writers.failures, agreedMs, violations };
  }

  /**
   * A sender that was killed stays away for the next strike: those who are left need each other
   * then.
   */
  async #round(strikes: readonly Strike[], writers: BulkWriters): Promise<void> {
    const { cluster, names } = this.#real;
    const leader = await this.#leader();
    const receiver = names.find((name) => name !== leader) ?? '';
    await cluster.kill(receiver);
    writers.slowTo(Number.POSITIVE_INFINITY);
    await this.#outgrowLog(writers, receiver);
    writers.slowTo(this.#plan.bytesPerSecond);
    await cluster.restart(receiver);
    let away: string | undefined;
    for (const { victim, moment } of strikes) {
      const { sender, bytes } = await this.#sent(receiver, moment);
      const killed = victim === 'receiver' ? receiver : sender;
      await cluster.kill(killed);
      const sent = `${(bytes / megabyte).toFixed(0)} MB from ${sender} to ${receiver}`;
      this.#tell(`killed the ${victim} in the ${moment}, after ${sent}`);
      if (away !== undefined) await cluster.restart(away);
      away = victim === 'sender' ? sender : undefined;
      if (victim === 'receiver') await cluster.restart(receiver);
    }
    if (away !== undefined) await cluster.restart(away);
    const since = performance.now();
    await this.#caughtUp(receiver);
    this.#tell(
      `${receiver} has caught up, ${((performance.now() - since) / 1000).toFixed(1)} s later`,
    );
  }

  async #leader(): Promise<string> {
    let leader: string | undefined;
    const found = async () => {
      leader = await this.#real.leader();
      return leader !== undefined;
    };
    await until(found, 'there is a leader', this.#plan.sendLimitMs);
    return leader ?? '';
  }

  /**
   * All keys are written, and the logs of the others begin behind all that the receiver can have.
   */
  async #outgrowLog(writers: BulkWriters, receiver: string): Promise<void> {
    const seen = [...(await this.#selves()).values()].map(({ commitIndex }) => commitIndex);
    const missed = Math.max(...seen) + this.#plan.clients;
    const others = this.#real.names.filter((name) => name !== receiver);
    const isOutgrown = async () => {
      if (writers.acknowledged.size < this.#keys) return false;
      const selves = await this.#selves();
      return others.every((name) => (selves.get(name)?.firstIndex ?? 0) > missed);
    };
    await until(isOutgrown, 'the log is outgrown', this.#plan.writeLimitMs);
    this.#tell(`${(writers.bytes / megabyte).toFixed(0)} MB are written`);
  }

  /**
   * The transfer is caught when a quarter of the state has passed, the installation when the
   * sender has closed the connection after that. The newest snapshot of a sender may be older than
   * the newest values, so its length is not known here.
   */
  async #sent(receiver: string, moment: Strike['moment']): Promise<Transfer> {
    const stateBytes = this.#keys * valueBytes;
    let largest: Transfer = { sender: '', number: 0, bytes: 0 };
    const isReached = () => {
      for (const transfer of this.#transfersTo(receiver)) {
        if (transfer.bytes > largest.bytes) largest = transfer;
      }
      const isLarge = largest.bytes > 0.25 * stateBytes;
      return isLarge && (moment === 'transfer' || !this.#isOpen(largest, receiver));
    };
    await until(isReached, `${receiver} is in the ${moment}`, this.#plan.sendLimitMs);
    return largest;
  }

  /** A snapshot has a connection of its own, younger than the two for messages. */
  #transfersTo(receiver: string): readonly Transfer[] {
    return this.#real.names.flatMap((sender) => {
      if (sender === receiver) return [];
      const [, , ...younger] = this.#real.cluster.traffic(sender, receiver).open;
      return younger.map((connection) => ({ ...connection, sender }));
    });
  }

  #isOpen({ sender, number }: Transfer, receiver: string): boolean {
    const { open } = this.#real.cluster.traffic(sender, receiver);
    return open.some((connection) => connection.number === number);
  }

  async #caughtUp(name: string): Promise<void> {
    const follows = async () => {
      const selves = await this.#selves();
      const own = selves.get(name);
      const leader = [...selves.values()].find(({ role }) => role === 'leader');
      if (own === undefined || leader === undefined) return false;
      // As far behind as one that is never more than a moment late.
      return own.term === leader.term && leader.commitIndex - own.appliedIndex < 100;
    };
    await until(follows, `${name} catches up under load`, this.#plan.agreeLimitMs);
  }

  /** How long it took after the load. */
  async #agreed(): Promise<number> {
    const since = performance.now();
    const agreed = async () => {
      const selves = [...(await this.#selves()).values()];
      const [first] = selves;
      const isSame = ({ commitIndex, appliedIndex }: Self) =>
        commitIndex === first?.commitIndex && appliedIndex === commitIndex;
      return selves.length === this.#real.names.length && selves.every(isSame);
    };
    await until(agreed, 'all members have applied the same', this.#plan.agreeLimitMs);
    return performance.now() - since;
  }

  /** What each member that answers says of itself. */
  async #selves(): Promise<ReadonlyMap<string, Self>> {
    const answers = this.#real.names.map(async (name) => {
      const answer = await this.#real.get(name, '/v2/stats/self');
      return answer.status === 200
        ? [[name, JSON.parse(await answer.text()) as Self] as const]
        : [];
    });
    return new Map((await Promise.all(answers)).flat());
  }

  async #violations(acknowledged: ReadonlyMap<string, number>): Promise<readonly string[]> {
    const violations: string[] = [];
    const [first = '', ...others] = this.#real.names;
    const digest = await digestOf(this.#real, first, this.#keys);
    for (const other of others) {
      const same = (await digestOf(this.#real, other, this.#keys)) === digest;
      if (!same) violations.push(`${other} holds other keys or values than ${first}`);
    }
    const versions = await versionsAt(this.#real, first, this.#keys);
    for (const [key, version] of acknowledged) {
      const held = versions.get(key);
      if (held !== undefined && held >= version) continue;
      violations.push(`version ${version} of ${key} was acknowledged, and ${held} is there`);
    }
    return violations;
  }

  #tell(line: string): void {
    this.#plan.onProgress(line);
  }
}
