import { assertNever } from '../assert.js';
import type { MemberId } from '../ids.js';
import type { Entry } from '../raft/entry.js';
import type { InstallSnapshotRequest, Message } from '../raft/messages.js';
import type { Raft } from '../raft/raft.js';
import type { Ready, Write } from '../raft/ready.js';
import { AppendMeter } from './append-meter.js';
import type { Applier } from './applier.js';
import type { Notice } from './inbox.js';
import type { LeaderView } from './leader-view.js';
import type { Measurements } from './measurements.js';
import type { MemberOptions } from './options.js';
import type { Snapshots } from './snapshots.js';
import type { Submissions } from './submissions.js';

/** Ready after Ready is worked off in one turn, up to this many; then others get their turn. */
const readyRoundsMax = 16;

/** What a driver drives. */
export interface Driven {
  readonly raft: Raft;
  readonly applier: Applier;
  readonly submissions: Submissions;
  readonly snapshots: Snapshots;
}

/**
 * The one loop of a member, the only place where the core meets disk and network. Whatever happens
 * is enqueued as a notice; a turn drains them all, lets the core step, and carries out what it is `Ready` for.
 * While a write is under way the loop goes on, and what arrives meanwhile becomes the next write: group
 * commit without a timer.
 */
export class Driver {
  readonly #options: MemberOptions;
  readonly #driven: Driven;
  readonly #meter = new AppendMeter();
  #inbox: Notice[] = [];
  #turnIsDue = false;
  #stopped = false;
  #leader: LeaderView | undefined;
  #leaderChanges = 0;
  #commandsApplied = 0;
  /** On the member's clock: since when it has known its leader. */
  leaderSince: number;

  constructor(options: MemberOptions, driven: Driven) {
    this.#options = options;
    this.#driven = driven;
    this.leaderSince = options.clock.now();
  }

  get leader(): LeaderView | undefined {
    return this.#leader;
  }

  measurements(): Measurements {
    return {
      ...this.#meter.describe(this.#options.clock.now()),
      leaderChanges: this.#leaderChanges,
      commandsApplied: this.#commandsApplied,
    };
  }

  enqueue(notice: Notice): void {
    if (this.#stopped) return;
    this.#inbox.push(notice);
    this.wake();
  }

  /** Asks for a turn: something waits to be submitted. */
  wake(): void {
    if (this.#turnIsDue || this.#stopped) return;
    this.#turnIsDue = true;
    this.#options.defer(() => this.#guardedTurn());
  }

  /**
   * Applies what was known to be committed when this member stopped. Before it meets its peers: among
   * the rest it then knows which data directories they have.
   */
  replay(): void {
    while (this.#driven.raft.hasReady()) this.#carryOut(this.#driven.raft.ready());
  }

  stop(): void {
    this.#stopped = true;
    this.#inbox = [];
  }

  /** A member that contradicts itself, or whose disk fails, stops at once and says why. */
  fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.onFatal(error instanceof Error ? error : new Error(String(error)));
  }

  #guardedTurn(): void {
    this.#turnIsDue = false;
    if (this.#stopped) return;
    try {
      this.#turn();
    } catch (error) {
      this.fail(error);
    }
  }

  #turn(): void {
    const notices = this.#inbox;
    this.#inbox = [];
    for (const notice of notices) {
      this.#take(notice);
      this.#observeLeader();
    }
    this.#driven.snapshots.enterTerm(this.#driven.raft.softState().currentTerm);
    this.#driven.submissions.submit();
    this.#workOff();
  }

  #take(notice: Notice): void {
    const { raft, applier, submissions, snapshots } = this.#driven;
    switch (notice.type) {
      case 'tick':
        raft.tick();
        this.#observeLeader();
        submissions.tick();
        applier.tick().catch((error: unknown) => this.fail(error));
        return;
      case 'messages':
        for (const message of notice.messages) this.#step(message);
        return;
      case 'forwardRequests':
        submissions.serve(notice.from, notice.requests);
        return;
      case 'forwardResponses':
        submissions.onResponses(notice.from, notice.responses);
        return;
      case 'persisted':
        this.#persisted(notice.sequence, notice.installed);
        return;
      case 'peerLost':
        this.#meter.lost(notice.peer);
        raft.leaderLost(notice.peer);
        raft.reportUnreachable(notice.peer);
        return;
      case 'snapshotTaken':
        applier.compact(notice.metadata).catch((error: unknown) => this.fail(error));
        return;
      case 'snapshotDelivered':
        if (snapshots.endTransfer(notice.request)) {
          raft.reportSnapshot(notice.request.to, notice.success);
        }
        return;
      case 'snapshotReceived':
        this.#offerSnapshot(notice.request);
        return;
      default:
        assertNever(notice);
    }
  }

  /** What the core hands out from now on begins right behind a snapshot that the write has installed. */
  #persisted(sequence: number, installed: boolean): void {
    const { raft, snapshots, submissions } = this.#driven;
    if (installed) snapshots.install();
    raft.persisted(sequence);
    if (installed) submissions.settleFromSnapshot();
  }

  #offerSnapshot(request: InstallSnapshotRequest): void {
    const { raft, snapshots } = this.#driven;
    raft.step(request);
    if (raft.snapshotToInstall !== request.snapshot) snapshots.discard();
  }

  #step(message: Message): void {
    if (message.type === 'AppendEntriesRequest' || message.type === 'AppendEntriesResponse') {
      this.#meter.received(message, this.#options.clock.now());
    }
    this.#driven.raft.step(message);
  }

  /**
   * A new leader, or a new term of the same one, gets everything that is not settled. Observed after each
   * step of the core, since the next notice may be a command to be stamped in the new term.
   */
  #observeLeader(): void {
    const { currentTerm, leaderId, role } = this.#driven.raft.softState();
    const known = this.#leader;
    if (known?.leaderId === leaderId && (known === undefined || known.term === currentTerm)) return;
    this.#leader =
      leaderId === undefined
        ? undefined
        : { leaderId, term: currentTerm, isSelf: role === 'leader' };
    this.leaderSince = this.#options.clock.now();
    this.#meter.forgetFollowers();
    if (leaderId !== undefined) this.#leaderChanges += 1;
    this.#options.logger.info(
      { leader: leaderId ?? null, term: currentTerm },
      leaderId === undefined ? 'there is no leader' : 'a leader is known',
    );
    this.#driven.submissions.onLeaderChange(this.#leader);
  }

  #workOff(): void {
    const { raft, submissions, applier } = this.#driven;
    for (let round = 0; raft.hasReady(); round += 1) {
      if (round === readyRoundsMax) {
        this.wake();
        break;
      }
      this.#carryOut(raft.ready());
    }
    submissions.serveReads(applier.appliedIndex);
  }

  #carryOut(ready: Ready): void {
    if (ready.write !== undefined) this.#write(ready.write);
    this.#send(ready.messages);
    this.#apply(ready.committedEntries);
    this.#driven.submissions.onReadStates(ready.readStates);
  }

  #write(write: Write): void {
    const { storage } = this.#options;
    const { sequence, snapshot } = write;
    const written =
      snapshot === undefined
        ? storage.write(write)
        : this.#driven.snapshots.publish(snapshot).then(() => storage.write(write));
    written.then(
      () => this.enqueue({ type: 'persisted', sequence, installed: snapshot !== undefined }),
      (error: unknown) => this.fail(error),
    );
  }

  #send(messages: readonly Message[]): void {
    const byPeer = new Map<MemberId, Message[]>();
    for (const message of messages) {
      if (message.type === 'InstallSnapshotRequest') {
        this.#driven.snapshots.send(message);
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
    const { applier, submissions, raft } = this.#driven;
    for (const entry of entries) {
      const outcome = applier.apply(entry);
      if (outcome !== undefined) {
        this.#commandsApplied += 1;
        submissions.onApplied(outcome);
      }
      if (entry.type === 'noop') submissions.onNoopApplied(entry.term, raft.softState());
      this.#options.onApplied?.(entry, outcome);
    }
    applier.considerSnapshot();
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
