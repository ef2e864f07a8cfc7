import { noFences } from '../../src/command/fence.js';
import type { Machines } from './machines.js';
import type { SimulatedMember } from './simulated-member.js';
import { demand } from './violation.js';

/** All members have applied the same at some moment within this time. */
const agreementWithinMs = 2000;
/** Another member leads so soon after the one that leads was asked to hand over. */
const handOverWithinMs = 1000;

type RunFor = (durationMs: number) => Promise<void>;

/** What a cluster can do that is healed, and whose members do not change any more. */
export class LivenessChecks {
  readonly #machines: Machines;
  readonly #runFor: RunFor;

  constructor(machines: Machines, runFor: RunFor) {
    this.#machines = machines;
    this.#runFor = runFor;
  }

  /** A write goes through, all members agree, and all queues drain. */
  async demandProgress(): Promise<void> {
    const [writer] = this.#machines.inUse;
    demand(writer?.running !== undefined, 'a healed cluster has all its members running');
    let written = false;
    const probe = { path: '/probe', value: 'p', dir: false, refresh: false, ttlMs: undefined };
    const write = { type: 'set', ...probe, fences: noFences } as const;
    writer.running.member.propose(write, 5000).then(
      () => {
        written = true;
      },
      (error: unknown) => writer.break(error),
    );
    await this.#runFor(5000);
    demand(written, 'a healed cluster commits a write within 5 s');
    await this.#runFor(1000);
    await this.#demandAgreement();
    this.#demandDrained(writer);
  }

  /**
   * Time goes on in the log while TTLs run, so all have applied the same only from moment to
   * moment.
   */
  async #demandAgreement(): Promise<void> {
    const applied = () =>
      this.#machines.inUse.map((member) => {
        demand(member.running !== undefined, `${member.name} runs`);
        return member.running.stateMachine;
      });
    const isLevel = () => new Set(applied().map(({ appliedIndex }) => appliedIndex)).size === 1;
    for (let waitedMs = 0; waitedMs < agreementWithinMs && !isLevel(); waitedMs += 20) {
      await this.#runFor(20);
    }
    const hashes = applied().map((state) => `${state.appliedIndex} ${state.stateHash()}`);
    demand(new Set(hashes).size === 1, `members differ at the end: ${hashes.join(' | ')}`);
  }

  async demandHandOver(): Promise<void> {
    const { leader } = this.#machines;
    demand(leader?.running !== undefined, 'a healed cluster has a leader');
    if (leader.running.raft.configuration.voters.length === 1) return;
    leader.handOver();
    await this.#runFor(handOverWithinMs);
    const { leader: next } = this.#machines;
    demand(
      next !== undefined && next !== leader,
      `${leader.name} does not hand over within ${handOverWithinMs} ms`,
    );
  }

  #demandDrained(member: SimulatedMember): void {
    const state = member.running?.stateMachine;
    for (const space of ['lock', 'leader'] as const) {
      for (const name of state?.locks.namesFrom(space, '') ?? []) {
        const queue = state?.locks.queue(space, name) ?? [];
        const waiting = queue.filter(({ holds }) => !holds).length;
        demand(waiting === 0, `${waiting} queue entries of ${space} ${name} still wait`);
      }
    }
  }
}
