import type { KeyCommand, LockCommand } from '../command/command.js';
import type { MemberId } from '../ids.js';
import { logIndex } from '../ids.js';
import type { PeerProgress } from '../raft/options.js';
import { Raft } from '../raft/raft.js';
import { StateMachine } from '../store/state-machine.js';
import type { Hello, TransportHandler } from '../transport/transport.js';
import { Applier } from './applier.js';
import type { Clock } from './clock.js';
import type { Applied, Coordinator, RaftStatus } from './coordinator.js';
import { Driver } from './driver.js';
import type { Measurements } from './measurements.js';
import type { MemberOptions } from './options.js';
import { Snapshots } from './snapshots.js';
import type { StateView } from './state-view.js';
import { Submissions } from './submissions.js';

/** One running member of the cluster: the only place where time, disk and network meet the core. */
export class Member implements Coordinator {
  readonly #options: MemberOptions;
  readonly #stateMachine: StateMachine;
  readonly #raft: Raft;
  readonly #snapshots: Snapshots;
  readonly #submissions: Submissions;
  readonly #driver: Driver;
  readonly #startedAt: number;
  #cancelTick: () => void = () => {};
  #closed = false;

  /** Restores the state from the newest snapshot; nothing is sent or answered before `start`. */
  static async open(options: MemberOptions): Promise<Member> {
    const member = new Member(options);
    await member.#snapshots.restore();
    return member;
  }

  private constructor(options: MemberOptions) {
    this.#options = options;
    this.#stateMachine = new StateMachine(options.stateMachine);
    this.#raft = openRaft(options);
    this.#startedAt = options.clock.now();
    const { storage, transport, clock, logger, limits } = options;
    this.#snapshots = new Snapshots(
      { storage, transport, stateMachine: this.#stateMachine, clock, logger, limits },
      {
        taken: (metadata) => this.#driver.enqueue({ type: 'snapshotTaken', metadata }),
        delivered: (request, success) =>
          this.#driver.enqueue({ type: 'snapshotDelivered', request, success }),
        received: (request) => this.#driver.enqueue({ type: 'snapshotReceived', request }),
        failed: (error) => this.#driver.fail(error),
      },
    );
    const applier = new Applier(options, this.#raft, this.#stateMachine, this.#snapshots);
    this.#submissions = new Submissions(options, this.#raft, this.#stateMachine);
    this.#driver = new Driver(options, {
      raft: this.#raft,
      applier,
      submissions: this.#submissions,
      snapshots: this.#snapshots,
    });
  }

  /** Connects to the peers and takes part from now on. Rejects when the peer address can't be bound. */
  async start(): Promise<void> {
    this.#driver.replay();
    await this.#options.transport.start(this.#transportHandler());
    this.#tickLater(this.#options.clock.now() + this.#options.limits.tickMs);
    this.#driver.wake();
    this.#register();
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get state(): StateView {
    return this.#stateMachine;
  }

  propose(
    command: KeyCommand | LockCommand,
    timeoutMs: number,
    unsentTimeoutMs = timeoutMs,
  ): Promise<Applied> {
    const applied = this.#submissions.propose(command, timeoutMs, unsentTimeoutMs);
    this.#driver.wake();
    return applied;
  }

  readBarrier(timeoutMs: number): Promise<void> {
    const served = this.#submissions.readBarrier(timeoutMs);
    this.#driver.wake();
    return served;
  }

  status(): RaftStatus {
    const { identity } = this.#options.storage.start;
    const soft = this.#raft.softState();
    return {
      clusterId: identity.clusterId,
      memberId: identity.memberId,
      name: this.#options.name,
      role: soft.role,
      leaderId: soft.leaderId,
      currentTerm: soft.currentTerm,
      commitIndex: soft.commitIndex,
      appliedIndex: logIndex(this.#stateMachine.appliedIndex),
      leaderSince: this.#driver.leaderSince,
      startedAt: this.#startedAt,
    };
  }

  peers(): readonly PeerProgress[] {
    return this.#raft.peers();
  }

  measurements(): Measurements {
    return this.#driver.measurements();
  }

  /** Why this member refuses the peer that sent `hello`; undefined when it accepts it. */
  peerRefusal(hello: Hello): string | undefined {
    const known = this.#stateMachine.members().find((m) => m.memberId === hello.memberId);
    if (known === undefined || known.incarnation === hello.incarnation) return undefined;
    return (
      `member ${known.name} (${hello.memberId}) is known to this cluster with the data directory ` +
      `${known.incarnation}, and says hello with ${hello.incarnation}: its disk was replaced, so it may have ` +
      'forgotten votes and writes; only with its old directory can it come back'
    );
  }

  /** The internals, for the checks of a simulation only. */
  inspect(): { readonly raft: Raft; readonly stateMachine: StateMachine } {
    return { raft: this.#raft, stateMachine: this.#stateMachine };
  }

  /** If this member leads, transfers leadership to the most up-to-date peer, and waits for that. */
  async handOver(): Promise<void> {
    const deadline = this.clock.now() + this.#options.limits.electionTimeoutMs;
    if (!this.#raft.transferLeadership(undefined)) return;
    this.#driver.wake();
    while (this.#isLeaderOrAlone() && this.clock.now() < deadline) {
      await new Promise<void>((resolve) => {
        this.clock.after(this.#options.limits.tickMs, resolve);
      });
    }
  }

  #isLeaderOrAlone(): boolean {
    const { leader } = this.#driver;
    return leader === undefined || leader.isSelf;
  }

  /** Idempotent. What still waits is rejected. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTick();
    this.#driver.stop();
    this.#snapshots.close();
    this.#submissions.close();
    await this.#options.transport.close();
    await this.#options.storage.close();
  }

  /** Ticks keep a fixed schedule: a late tick does not delay the next, and missed ticks are skipped. */
  #tickLater(dueAt: number): void {
    const { clock, limits } = this.#options;
    this.#cancelTick = clock.after(Math.max(0, dueAt - clock.now()), () => {
      this.#driver.enqueue({ type: 'tick' });
      const behind = Math.max(0, Math.floor((clock.now() - dueAt) / limits.tickMs));
      this.#tickLater(dueAt + (behind + 1) * limits.tickMs);
    });
  }

  #register(): void {
    const { storage, name, peerUrls, clientUrls, version } = this.#options;
    const { incarnation } = storage.start.identity;
    const command = { type: 'register', incarnation, name, peerUrls, clientUrls, version } as const;
    this.#submissions.propose(command, Number.POSITIVE_INFINITY).then(
      ({ result }) => {
        if (result.type === 'error') this.#driver.fail(new Error(result.error.cause));
        // All that came before this start is applied, and much of it late.
        else this.#stateMachine.adjustDeadlines(this.#options.clock.now());
      },
      (error: unknown) => this.#options.logger.debug({ err: error }, 'not registered'),
    );
  }

  #transportHandler(): TransportHandler {
    const { logger } = this.#options;
    return {
      onMessages: (_from, messages) => this.#driver.enqueue({ type: 'messages', messages }),
      onForwardRequests: (from, requests) =>
        this.#driver.enqueue({ type: 'forwardRequests', from, requests }),
      onForwardResponses: (from, responses) =>
        this.#driver.enqueue({ type: 'forwardResponses', from, responses }),
      onSnapshot: (request, chunks) => this.#snapshots.receive(request, chunks),
      onPeerLost: (peer) => this.#driver.enqueue({ type: 'peerLost', peer }),
      onPeerConnected: (peer: MemberId) => logger.debug({ peer }, 'peer is connected'),
      onRefused: (peer, reason) => logger.debug({ peer, reason }, 'a connection was refused'),
    };
  }
}

function openRaft({ storage, limits, initialMembers, random }: MemberOptions): Raft {
  const { hardState, snapshot, entries, identity } = storage.start;
  return new Raft({
    id: identity.memberId,
    configuration: { voters: initialMembers, learners: [] },
    hardState,
    snapshot,
    entries,
    lastApplied: snapshot?.lastIncludedIndex ?? logIndex(0),
    electionTimeoutTicks: Math.ceil(limits.electionTimeoutMs / limits.tickMs),
    heartbeatIntervalTicks: Math.max(1, Math.round(limits.heartbeatIntervalMs / limits.tickMs)),
    random,
    appendBytesMax: limits.appendBytesMax,
    inflightMax: limits.inflightMax,
    inflightBytesMin: limits.inflightBytesMin,
    inflightBytesMax: limits.inflightBytesMax,
    uncommittedBytesMax: limits.uncommittedBytesMax,
    committedBytesMax: limits.committedBytesMax,
  });
}
