import type { MemberId } from '../ids.js';
import { logIndex } from '../ids.js';
import type { ConfigurationChange } from '../raft/configuration-change.js';
import type { Configuration } from '../raft/entry.js';
import type { PeerProgress } from '../raft/options.js';
import type { Raft } from '../raft/raft.js';
import type { Result } from '../result.js';
import type { StateMachine } from '../store/state-machine.js';
import type { Hello, TransportHandler } from '../transport/transport.js';
import type { ConfiguredMember } from '../view/configured-member.js';
import type { MemberStatus } from '../view/member-status.js';
import type { MembersChange, MembersRefusal } from '../view/members-change.js';
import type { PeerContact } from '../view/peer-contact.js';
import type { RaftStatus } from '../view/raft-status.js';
import type { StateView } from '../view/state-view.js';
import type { Clock } from './clock.js';
import { readingDirectory, requireReadable, versionRefusal } from './cluster-version.js';
import type { MemberChangeRefusal } from './configuration-changes.js';
import type {
  Applied,
  ClientCommand,
  Coordinator,
  ProposeOptions,
  TransferRefusal,
  UnavailableError,
} from './coordinator.js';
import { Driver } from './driver.js';
import type { Measurements } from './measurements.js';
import { configuredMembers } from './membership.js';
import type { MemberOptions } from './options.js';
import { ownStatus } from './own-status.js';
import { createParts, type MemberParts } from './parts.js';

/**
 * A change of the members is given up after so many election timeouts. Its entry may be committed
 * still.
 */
const changeElections = 5;

/** One running member of the cluster: the only place where time, disk and network meet the core. */
export class Member implements Coordinator {
  readonly #options: MemberOptions;
  readonly #parts: MemberParts;
  readonly #driver: Driver;
  readonly #startedAt: number;
  #cancelTick: () => void = () => {};
  #closed = false;

  /**
   * Restores the state from the newest snapshot; nothing is sent or answered before `start`.
   * @throws {NewerFormatError} when a newer release has written the data directory.
   */
  static async open(options: MemberOptions): Promise<Member> {
    const member = new Member(options);
    await readingDirectory(options.formats, async () => {
      requireReadable(options.storage.start.entries, options.formats);
      await member.#parts.snapshots.restore();
    });
    return member;
  }

  private constructor(options: MemberOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
    this.#parts = createParts(options, {
      taken: (metadata) => this.#driver.enqueue({ type: 'snapshotTaken', metadata }),
      delivered: (request, success) =>
        this.#driver.enqueue({ type: 'snapshotDelivered', request, success }),
      received: (request) => this.#driver.enqueue({ type: 'snapshotReceived', request }),
      failed: (error) => this.#driver.fail(error),
    });
    this.#driver = new Driver(options, this.#parts);
  }

  /**
   * Connects to the peers and takes part from now on. Rejects when the peer address can't be bound.
   */
  async start(): Promise<void> {
    await this.#replay();
    await this.#options.transport.start(this.#transportHandler());
    this.#tickLater(this.#options.clock.now() + this.#options.limits.tickMs);
    this.#driver.wake();
    this.#register();
  }

  async #replay(): Promise<void> {
    const { formats, storage, clock, logger } = this.#options;
    await readingDirectory(formats, () => this.#driver.replay());
    const { snapshot, entries, boot } = storage.start;
    logger.info(
      {
        start: boot,
        snapshotIndex: snapshot?.lastIncludedIndex ?? 0,
        snapshotBytes: this.#parts.snapshots.newestBytes,
        entries: entries.length,
        appliedIndex: this.#parts.stateMachine.appliedIndex,
        tookMs: Math.round(clock.now() - this.#startedAt),
      },
      'replayed its snapshot and its log',
    );
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  get state(): StateView {
    return this.#parts.stateMachine;
  }

  propose(command: ClientCommand, timeoutMs: number, options?: ProposeOptions): Promise<Applied> {
    const applied = this.#parts.submissions.propose(command, timeoutMs, options);
    this.#driver.wake();
    return applied;
  }

  readBarrier(timeoutMs: number): Promise<void> {
    const served = this.#parts.submissions.readBarrier(timeoutMs);
    this.#driver.wake();
    return served;
  }

  quorumLoss(): UnavailableError | undefined {
    return this.#parts.submissions.quorumLoss();
  }

  async backup(
    takenAt: number,
    timeoutMs: number,
  ): Promise<AsyncGenerator<Uint8Array, void, undefined>> {
    await this.readBarrier(timeoutMs);
    return this.#parts.backups.begin(takenAt);
  }

  status(): RaftStatus {
    const { identity } = this.#options.storage.start;
    const soft = this.#parts.raft.softState();
    return {
      clusterId: identity.clusterId,
      memberId: identity.memberId,
      name: this.#options.name,
      role: soft.role,
      leaderId: soft.leaderId,
      currentTerm: soft.currentTerm,
      firstIndex: this.#parts.raft.firstIndex,
      commitIndex: soft.commitIndex,
      appliedIndex: logIndex(this.#parts.stateMachine.appliedIndex),
      leaderSince: this.#parts.leadership.since,
      startedAt: this.#startedAt,
    };
  }

  peers(): readonly PeerProgress[] {
    return this.#parts.raft.peers();
  }

  measurements(): Measurements {
    return this.#driver.measurements();
  }

  memberStatus(): MemberStatus {
    return ownStatus(this, this.#options.version, this.#options.diskBytes());
  }

  contacts(): ReadonlyMap<MemberId, PeerContact> {
    return this.#options.transport.contacts();
  }

  #peerRefusal(hello: Hello): string | undefined {
    const { clusterVersion } = this.#parts.stateMachine;
    if (this.#isRemoved(hello.memberId)) return 'it was removed from this cluster';
    return versionRefusal(hello, clusterVersion) ?? this.#diskRefusal(hello);
  }

  #isRemoved(peer: MemberId): boolean {
    const { removed = [] } = this.#parts.raft.committedConfiguration;
    return removed.includes(peer);
  }

  /** A peer with another data directory than it registered with is refused. */
  #diskRefusal(hello: Hello): string | undefined {
    const known = this.#parts.stateMachine.members
      .registered()
      .find((m) => m.memberId === hello.memberId);
    if (known === undefined || known.incarnation === hello.incarnation) return undefined;
    return (
      `its data directory is not the one that the cluster knows (incarnation ${brief(hello.incarnation)}, not ${brief(known.incarnation)}): ` +
      'its disk was replaced or emptied, and votes and acknowledged writes may be lost with it. Start it with the ' +
      `data directory that it had. If that is gone, run: conclave member replace ${known.name}`
    );
  }

  /** The internals, for the checks of a simulation only. */
  inspect(): { readonly raft: Raft; readonly stateMachine: StateMachine } {
    return this.#parts;
  }

  /** It will be closed soon, and its peers may be, too. */
  stopping(): void {
    this.#parts.contactLog.stopping();
    this.#parts.roleLog.stopping();
  }

  /**
   * If this member leads, transfers leadership to the most up-to-date peer, and waits until that
   * leads.
   */
  async handOver(): Promise<void> {
    const { identity } = this.#options.storage.start;
    const { leadership, leadershipTransfer } = this.#parts;
    if (!leadershipTransfer.begin(undefined)) return;
    this.#driver.wake();
    const isAnother = (leaderId: MemberId) => leaderId !== identity.memberId;
    await leadership.untilLeads(isAnother, this.#options.limits.electionTimeoutMs);
  }

  transferLeadership(to: MemberId | undefined): Promise<Result<MemberId, TransferRefusal>> {
    // The leader gives up after one election timeout; the answer has to come back, too.
    const timeoutMs = 2 * this.#options.limits.electionTimeoutMs;
    const transferred = this.#parts.leadershipTransfer.run(to, timeoutMs);
    this.#driver.wake();
    return transferred;
  }

  members(): readonly ConfiguredMember[] {
    return configuredMembers(this.#parts.raft.committedConfiguration);
  }

  changeMembers(
    change: MembersChange,
    timeoutMs: number,
  ): Promise<Result<undefined, MembersRefusal>> {
    const changed = this.#parts.membershipChanges.run(change, timeoutMs);
    this.#driver.wake();
    return changed;
  }

  /** One step of the configuration. This member has to lead. */
  changeConfiguration(
    change: ConfigurationChange,
  ): Promise<Result<Configuration, MemberChangeRefusal>> {
    const timeoutMs = changeElections * this.#options.limits.electionTimeoutMs;
    const outcome = this.#parts.configurationChanges.run(change, timeoutMs);
    this.#driver.wake();
    return outcome;
  }

  /** Idempotent. What still waits is rejected. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelTick();
    this.#driver.stop();
    this.#parts.snapshots.close();
    this.#parts.submissions.close();
    this.#parts.leadership.close();
    this.#parts.configurationChanges.close();
    await this.#options.transport.close();
    await this.#options.storage.close();
  }

  /**
   * Ticks keep a fixed schedule: a late tick does not delay the next, and missed ticks are skipped.
   */
  #tickLater(dueAt: number): void {
    const { clock, limits } = this.#options;
    this.#cancelTick = clock.after(Math.max(0, dueAt - clock.now()), () => {
      this.#driver.enqueue({ type: 'tick' });
      const behind = Math.max(0, Math.floor((clock.now() - dueAt) / limits.tickMs));
      this.#tickLater(dueAt + (behind + 1) * limits.tickMs);
    });
  }

  #register(): void {
    const { storage, name, peerUrls, clientUrls, version, formats } = this.#options;
    const { incarnation } = storage.start.identity;
    const command = {
      type: 'register',
      incarnation,
      name,
      peerUrls,
      clientUrls,
      version,
      formatVersionMax: formats.highest,
    } as const;
    this.#parts.submissions.propose(command, Number.POSITIVE_INFINITY).then(
      ({ result }) => {
        if (result.type === 'error') this.#driver.fail(new Error(result.error.cause));
        // All that came before this start is applied, and much of it late.
        else this.#parts.stateMachine.time.adjustDeadlines(this.#options.clock.now());
      },
      (error: unknown) => this.#options.logger.debug({ err: error }, 'not registered'),
    );
  }

  #transportHandler(): TransportHandler {
    const { contactLog } = this.#parts;
    return {
      peerRefusal: (hello) => this.#peerRefusal(hello),
      isRemoved: (peer) => this.#isRemoved(peer),
      members: () => this.members(),
      memberStatus: () => this.memberStatus(),
      onMessages: (_from, messages) => this.#driver.enqueue({ type: 'messages', messages }),
      onForwardRequests: (from, requests) =>
        this.#driver.enqueue({ type: 'forwardRequests', from, requests }),
      onForwardResponses: (from, responses) =>
        this.#driver.enqueue({ type: 'forwardResponses', from, responses }),
      onSnapshot: (request, chunks) => this.#parts.snapshots.receive(request, chunks),
      onPeerLost: (peer) => {
        this.#driver.enqueue({ type: 'peerLost', peer });
        contactLog.look();
      },
      onPeerConnected: () => contactLog.look(),
      onRefused: (peer, refusal) => {
        contactLog.refused(peer, refusal);
        if (refusal.by === 'peer' && refusal.isRemoval === true) this.#options.onRemoved?.();
        this.#options.onEvent?.({ type: 'peerRefused', peer, ...refusal });
      },
    };
  }
}

/** Enough of an incarnation to find it in a log. */
function brief(incarnation: string): string {
  return incarnation.slice(0, 8);
}
