import assert from 'node:assert/strict';
import type { Command } from '../../src/command/command.js';
import type { Origin } from '../../src/command/envelope.js';
import { logIndex, type Term, term } from '../../src/ids.js';
import { defaultLimits, type MemberLimits, type MemberOptions } from '../../src/member/options.js';
import { createParts, type MemberParts } from '../../src/member/parts.js';
import type { Entry } from '../../src/raft/entry.js';
import type { InstallSnapshotRequest } from '../../src/raft/messages.js';
import type { SoftState } from '../../src/raft/ready.js';
import type { Outcome } from '../../src/store/state-machine.js';
import type { ForwardRequest, ForwardResponse } from '../../src/transport/transport.js';
import { ManualClock } from '../support/manual-clock.js';
import { MemoryDisk } from '../support/memory-disk.js';
import type { MemoryStorage } from '../support/memory-storage.js';
import { encodeCommand, encodeEnvelope } from '../support/release-codec.js';
import { memberOptions, openStorage, unused, unusedTransport } from './member-options.js';
import { peer } from './members.js';

/**
 * The parts of a member that is alone in its cluster, unless the test says otherwise. There is no
 * driver: the test calls the parts in its place.
 */
export class PartsRig {
  readonly clock = new ManualClock(0);
  readonly disk = new MemoryDisk(() => 0.9);
  readonly storage: MemoryStorage;
  readonly options: MemberOptions;
  readonly parts: MemberParts;
  readonly forwarded: ForwardRequest[] = [];
  readonly answers: ForwardResponse[] = [];
  /** Handed out by the core, and not applied yet. */
  readonly committed: Entry[] = [];
  /** What a leader announced, once it has arrived whole. */
  readonly received: InstallSnapshotRequest[] = [];
  /** A snapshot may fail. */
  mayFail = false;
  readonly failures: Error[] = [];
  /** The last included index of each snapshot that was taken. */
  readonly taken: number[] = [];

  constructor(given: Partial<MemberOptions> = {}) {
    this.storage = openStorage(this.disk);
    this.options = memberOptions({
      storage: this.storage,
      transport: {
        ...unusedTransport,
        forward: (_to, requests) => this.forwarded.push(...requests),
        respond: (_to, responses) => this.answers.push(...responses),
      },
      clock: this.clock,
      ...given,
    });
    this.parts = createParts(this.options, {
      taken: ({ lastIncludedIndex }) => this.taken.push(lastIncludedIndex),
      delivered: unused,
      received: (request) => this.received.push(request),
      failed: (error) => {
        if (!this.mayFail) assert.fail(error);
        this.failures.push(error);
      },
    });
  }

  /** Of a member that leads, and has applied the first entry of its term. */
  static leader(limits: Partial<MemberLimits> = {}): PartsRig {
    const rig = PartsRig.elected(limits);
    rig.applyCommitted();
    return rig;
  }

  /** Of a member that leads, and has applied nothing. */
  static elected(limits: Partial<MemberLimits> = {}): PartsRig {
    const rig = new PartsRig({ limits: { ...defaultLimits, ...limits } });
    const { raft } = rig.parts;
    while (raft.softState().role !== 'leader') {
      raft.tick();
      rig.persist();
    }
    rig.observe();
    return rig;
  }

  /** Of a member that follows its peer in that term. */
  static follower(inTerm: number): PartsRig {
    const rig = new PartsRig();
    rig.observe({ leaderId: peer, currentTerm: term(inTerm) });
    return rig;
  }

  get term(): Term {
    return this.parts.raft.softState().currentTerm;
  }

  get lastIndex(): number {
    return this.parts.raft.lastIndex;
  }

  /**
   * As the driver does after an event: the leader is whom the core knows, unless the test says
   * otherwise.
   */
  observe(changes: Partial<SoftState> = {}): void {
    const { raft, leadership, appender, forwardedRequests, submissions } = this.parts;
    if (!leadership.observe({ ...raft.softState(), ...changes })) return;
    appender.onLeaderChange();
    forwardedRequests.onLeaderChange();
    submissions.onLeaderChange();
  }

  /** Everything that waits reaches the disk. */
  persist(): void {
    const { raft } = this.parts;
    while (raft.hasReady()) {
      const { write, committedEntries } = raft.ready();
      this.committed.push(...committedEntries);
      if (write === undefined) continue;
      this.storage.write(write).catch((error: unknown) => assert.fail(String(error)));
      raft.persisted(write.sequence);
    }
  }

  /** Applies all that is committed, as the driver does. */
  applyCommitted(): readonly (Outcome | undefined)[] {
    const { applier, leadership, expiryProposer } = this.parts;
    this.persist();
    return this.committed.splice(0).map((entry) => {
      const outcome = applier.apply(entry);
      if (entry.type === 'noop' && leadership.onNoopApplied(entry.term)) expiryProposer.beginTerm();
      return outcome;
    });
  }

  /** Appends a command, and applies it. */
  write(command: Command): Outcome {
    assert.equal(this.parts.appender.append([encodeCommand(undefined, command)]).ok, true);
    const outcome = this.applyCommitted().at(-1);
    assert.ok(outcome !== undefined);
    return outcome;
  }

  /** Applies a command that the core does not know of. */
  apply(origin: Origin, command: Command): Outcome {
    const { stateMachine } = this.parts;
    const stamp = { clusterTimeMs: 0, appliedIndex: 0 };
    const data = encodeEnvelope(stamp, encodeCommand(origin, command));
    const index = logIndex(stateMachine.appliedIndex + 1);
    const entry = { index, term: term(1), type: 'command', data } as const;
    const outcome = stateMachine.apply(entry, this.clock.now());
    assert.ok(outcome !== undefined);
    return outcome;
  }
}
