import { assertNever } from '../assert.js';
import type { MemberId } from '../ids.js';
import type { Configuration, Entry } from '../raft/entry.js';
import type { InstallSnapshotRequest, Message } from '../raft/messages.js';
import type { ReadState, Ready, Write } from '../raft/ready.js';
import type { Outcome } from '../store/state-machine.js';
import { AppendMeter } from './append-meter.js';
import { CommitMeter } from './commit-meter.js';
import type { DriverEvent } from './driver-event.js';
import type { Measurements } from './measurements.js';
import type { MemberOptions } from './options.js';
import type { MemberParts } from './parts.js';
import { SlowLog } from './slow-log.js';

/**
 * One turn processes at most this many `Ready`s, so that other tasks of the process get their turn.
 */
const readyRoundsMax = 16;

/**
 * The one loop of a member, the only place where the core meets disk and network. Whatever happens
 * is added to the event queue. A turn drains the queue, steps the core for each event, and
 * processes each `Ready`. The loop does not wait for a write: what arrives during one becomes the
 * next write, which is group commit without a timer.
 */
export class Driver {
  readonly #options: MemberOptions;
  readonly #parts: MemberParts;
  readonly #meter = new AppendMeter();
  readonly #commitMeter = new CommitMeter();
  readonly #slowSync: SlowLog;
  readonly #slowApply: SlowLog;
  #eventQueue: DriverEvent[] = [];
  #turnIsDue = false;
  #stopped = false;
  #commandsApplied = 0;
  /** As the owner was told last. */
  #members: Configuration | undefined;

  constructor(options: MemberOptions, parts: MemberParts) {
    this.#options = options;
    this.#parts = parts;
    const { clock, logger } = options;
    this.#slowSync = new SlowLog(clock, logger, 'slow sync');
    this.#slowApply = new SlowLog(clock, logger, 'slow apply');
  }

  measurements(): Measurements {
    const { leadership, submissions, forwardedRequests, snapshots } = this.#parts;
    return {
      ...this.#meter.describe(this.#options.clock.now()),
      leaderChanges: leadership.changes,
      commandsApplied: this.#commandsApplied,
      campaigns: leadership.campaigns,
      slowApplies: this.#slowApply.slowCount,
      proposals: submissions.proposalCounts(),
      forwarded: { ...submissions.sentCounts(), ...forwardedRequests.receivedCounts() },
      snapshots: snapshots.describe(),
      durations: {
        sync: this.#slowSync.durations(),
        commit: this.#commitMeter.describe(),
        apply: this.#slowApply.durations(),
      },
      traffic: this.#options.transport.traffic(),
    };
  }

  enqueue(event: DriverEvent): void {
    if (this.#stopped) return;
    this.#eventQueue.push(event);
    this.wake();
  }

  /** Schedules a turn, for proposals or reads that wait to be submitted. */
  wake(): void {
    if (this.#turnIsDue || this.#stopped) return;
    this.#turnIsDue = true;
    this.#options.defer(() => this.#runTurn());
  }

  /**
   * Applies the entries that were known to be committed when this member stopped. It does so before
   * it connects to its peers, since the state holds the incarnations of their data directories.
   */
  replay(): void {
    while (this.#parts.raft.hasReady()) this.#process(this.#parts.raft.ready());
    this.#observeMembers();
  }

  stop(): void {
    this.#stopped = true;
    this.#eventQueue = [];
  }

  /** Stops the member at once after a broken invariant or a failed disk, and reports the reason. */
  fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.onFatal(error instanceof Error ? error : new Error(String(error)));
  }

  #runTurn(): void {
    this.#turnIsDue = false;
    if (this.#stopped) return;
    try {
      this.#turn();
    } catch (error) {
      this.fail(error);
    }
  }

  #turn(): void {
    const events = this.#eventQueue;
    this.#eventQueue = [];
    for (const event of events) {
      this.#handle(event);
      this.#observeLeader();
    }
    this.#parts.snapshots.enterTerm(this.#parts.raft.softState().currentTerm);
    this.#parts.submissions.submit();
    // A message to a new member can leave only once it is known where that one is.
    this.#observeMembers();
    this.#processReady();
  }

  #handle(event: DriverEvent): void {
    const { raft, applier, submissions, forwardedRequests, snapshots } = this.#parts;
    switch (event.type) {
      case 'tick':
        this.#tick();
        return;
      case 'messages':
        for (const message of event.messages) this.#step(message);
        return;
      case 'forwardRequests':
        forwardedRequests.serve(event.from, event.requests);
        return;
      case 'forwardResponses':
        submissions.onResponses(event.from, event.responses);
        return;
      case 'persisted':
        this.#persisted(event.sequence, event.installed);
        return;
      case 'peerLost':
        this.#meter.lost(event.peer);
        raft.leaderLost(event.peer);
        raft.reportUnreachable(event.peer);
        this.#observeRole(true);
        return;
      case 'snapshotTaken':
        applier.compact(event.metadata).catch((error: unknown) => this.fail(error));
        return;
      case 'snapshotDelivered':
        if (snapshots.endTransfer(event.request)) {
          raft.reportSnapshot(event.request.to, event.success);
        }
        return;
      case 'snapshotReceived':
        this.#offerSnapshot(event.request);
        return;
      default:
        assertNever(event);
    }
  }

  #tick(): void {
    const { raft, submissions, keepAlive, expiryProposer } = this.#parts;
    const { clusterVersion, applier, contactLog, membershipCare } = this.#parts;
    raft.tick();
    this.#observeLeader();
    submissions.tick();
    keepAlive.tick();
    expiryProposer.tick();
    clusterVersion.tick();
    membershipCare.tick();
    contactLog.tick();
    applier.tick().catch((error: unknown) => this.fail(error));
  }

  /** If the write installed a snapshot, the next committed entry is the first one after it. */
  #persisted(sequence: number, installed: boolean): void {
    const { raft, snapshots, submissions } = this.#parts;
    if (installed) snapshots.install();
    raft.persisted(sequence);
    if (installed) submissions.settleFromSnapshot();
  }

  #offerSnapshot(request: InstallSnapshotRequest): void {
    const { raft, snapshots } = this.#parts;
    raft.step(request);
    if (raft.snapshotToInstall !== request.snapshot) snapshots.discard();
  }

  #step(message: Message): void {
    if (message.type === 'AppendEntriesRequest' || message.type === 'AppendEntriesResponse') {
      this.#meter.received(message, this.#options.clock.now());
    }
    this.#parts.roleLog.message('received', message);
    this.#parts.raft.step(message);
  }

  #observeRole(leaderIsGone: boolean): void {
    const { raft, roleLog } = this.#parts;
    roleLog.observe(raft.softState(), raft.roleReason, leaderIsGone);
  }

  /**
   * A new leader, or a new term of the same one, is sent everything that is not settled. Checked
   * after each step of the core, since the next event may be a command to be stamped in the new
   * term.
   */
  #observeLeader(): void {
    const { raft, leadership, appender, submissions, forwardedRequests } = this.#parts;
    this.#observeRole(false);
    if (!leadership.observe(raft.softState())) return;
    this.#meter.forgetFollowers();
    this.#commitMeter.forget();
    const { leaderId, currentTerm } = raft.softState();
    this.#options.onEvent?.(
      leaderId === undefined
        ? { type: 'leaderLost', term: currentTerm }
        : { type: 'leaderElected', leaderId, term: currentTerm },
    );
    appender.onLeaderChange();
    forwardedRequests.onLeaderChange();
    submissions.onLeaderChange();
  }

  #observeMembers(): void {
    const { configuration } = this.#parts.raft;
    if (configuration === this.#members || configuration.voters.length === 0) return;
    this.#members = configuration;
    this.#options.onMembers?.(configuration);
    this.#observeRemoval();
  }

  #observeRemoval(): void {
    const { removed = [] } = this.#parts.raft.committedConfiguration;
    const { memberId } = this.#options.storage.start.identity;
    if (removed.includes(memberId)) this.#options.onRemoved?.();
  }

  #processReady(): void {
    const { raft, submissions, applier } = this.#parts;
    for (let round = 0; raft.hasReady(); round += 1) {
      if (round === readyRoundsMax) {
        this.wake();
        break;
      }
      this.#process(raft.ready());
    }
    submissions.serveReads(applier.appliedIndex);
  }

  #process(ready: Ready): void {
    if (ready.write !== undefined) this.#write(ready.write);
    this.#send(ready.messages);
    this.#apply(ready.committedEntries);
    this.#answerReads(ready.readStates);
  }

  #write(write: Write): void {
    const { storage, clock } = this.#options;
    const { sequence, snapshot, entries } = write;
    const startedAt = clock.now();
    const last = entries.at(-1);
    if (last !== undefined) this.#commitMeter.written(last.index, startedAt);
    const written =
      snapshot === undefined
        ? storage.write(write)
        : this.#parts.snapshots.publish(snapshot).then(() => storage.write(write));
    written.then(
      () => {
        this.#slowSync.ended(startedAt, { entries: entries.length });
        this.enqueue({ type: 'persisted', sequence, installed: snapshot !== undefined });
      },
      (error: unknown) => this.fail(error),
    );
  }

  #send(messages: readonly Message[]): void {
    const byPeer = new Map<MemberId, Message[]>();
    for (const message of messages) {
      this.#parts.roleLog.message('sent', message);
      if (message.type === 'InstallSnapshotRequest') {
        this.#parts.snapshots.send(message);
        continue;
      }
      if (message.type === 'AppendEntriesRequest') {
        this.#meter.sent(message, this.#options.clock.now());
      }
      enlist(byPeer, message);
    }
    for (const [peer, batch] of byPeer) this.#options.transport.send(peer, batch);
  }

  #apply(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    const { applier, leadership, expiryProposer, configurationChanges } = this.#parts;
    const { clock } = this.#options;
    const startedAt = clock.now();
    for (const entry of entries) {
      const outcome = applier.apply(entry);
      if (outcome !== undefined) this.#onApplied(outcome);
      if (entry.type === 'noop' && leadership.onNoopApplied(entry.term)) expiryProposer.beginTerm();
      configurationChanges.onApplied(entry);
      if (entry.type === 'configuration') this.#observeRemoval();
      this.#options.onApplied?.(entry, outcome);
    }
    this.#slowApply.ended(startedAt, { entries: entries.length });
    this.#commitMeter.applied(applier.appliedIndex, clock.now());
    applier.considerSnapshot();
  }

  #onApplied({ origin, result }: Outcome): void {
    this.#commandsApplied += 1;
    if (origin === undefined) return;
    this.#parts.forwardedRequests.onApplied(origin);
    this.#parts.submissions.onApplied(origin, result);
  }

  #answerReads(readStates: readonly ReadState[]): void {
    const { forwardedRequests, submissions } = this.#parts;
    for (const readState of readStates) {
      if (!forwardedRequests.onReadState(readState)) submissions.onReadState(readState);
    }
  }
}

function enlist(
  byPeer: Map<MemberId, Message[]>,
  message: Exclude<Message, InstallSnapshotRequest>,
): void {
  const batch = byPeer.get(message.to);
  if (batch === undefined) byPeer.set(message.to, [message]);
  else batch.push(message);
}
