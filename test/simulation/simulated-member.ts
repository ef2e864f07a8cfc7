import type { FormatRange } from '../../src/encoding/format-range.js';
import type { MemberId } from '../../src/ids.js';
import { PendingCancels } from '../../src/lock/pending-cancels.js';
import { Member } from '../../src/member/member.js';
import { defaultLimits, type MemberLimits } from '../../src/member/options.js';
import type { Entry } from '../../src/raft/entry.js';
import type { Raft } from '../../src/raft/raft.js';
import type { Write } from '../../src/raft/ready.js';
import { Revocations } from '../../src/service/revocations.js';
import { VerifiedPasswords } from '../../src/service/verified-passwords.js';
import type { SnapshotReader, Storage } from '../../src/storage/storage.js';
import type { StateMachineOptions } from '../../src/store/options.js';
import type { Outcome, StateMachine } from '../../src/store/state-machine.js';
import type { Hello } from '../../src/transport/transport.js';
import { MemoryDisk } from '../support/memory-disk.js';
import { MemoryStorage } from '../support/memory-storage.js';
import { membersOf } from './machines.js';
import { Pause } from './pause.js';
import { Random } from './random.js';
import type { Scheduler } from './scheduler.js';
import { SimulatedClock } from './simulated-clock.js';
import type { SimulatedTransport } from './simulated-network.js';
import type { Trace } from './trace.js';
import { WatchedCoordinator } from './watched-coordinator.js';

/** What one boot of a member consists of. */
export interface Running {
  readonly member: Member;
  /** The member, for its clients. */
  readonly coordinator: WatchedCoordinator;
  readonly raft: Raft;
  readonly stateMachine: StateMachine;
  readonly clock: SimulatedClock;
  readonly boot: number;
  readonly pendingCancels: PendingCancels;
  readonly revocations: Revocations;
  readonly verified: VerifiedPasswords;
  /** Resolves, with nothing, when the process is gone: so do all connections to it. */
  readonly gone: Promise<undefined>;
}

export interface MemberWorld {
  readonly scheduler: Scheduler;
  readonly trace: Trace;
  readonly clusterId: string;
  /** The voters of the first configuration. */
  readonly founders: readonly MemberId[];
  readonly limits: Partial<MemberLimits>;
  readonly stateMachine: Partial<StateMachineOptions>;
  /** What the release understands that the member starts now. */
  readonly formatsOf: (member: SimulatedMember) => FormatRange;
  readonly maximumDrift: number;
  /** The processor has other things to do before a turn, for at most so long. */
  readonly turnDelayMsMax: number;
  /**
   * A snapshot is written, sent and read in pieces of this size: between two of them others have
   * their turn.
   */
  readonly snapshotPieceBytes: number;
  /** Reading a piece of a snapshot takes as long as writing it. */
  readonly slowRestores: boolean;
  /** A fresh transport for one boot. */
  readonly connect: (member: SimulatedMember, hello: Hello) => SimulatedTransport;
  readonly disconnect: (member: SimulatedMember) => void;
  /** Called right before the write is handed to the disk. */
  readonly onWrite: (member: SimulatedMember, write: Write) => void;
  readonly onApplied: (member: SimulatedMember, entry: Entry, outcome: Outcome | undefined) => void;
  readonly onStarted: (member: SimulatedMember) => void;
  /** To be called right before a member is asked to hand over. */
  readonly onHandOver: (member: SimulatedMember) => void;
  /** A member stopped by itself, and nobody told its disk to fail. */
  readonly onBroken: (member: SimulatedMember, error: Error) => void;
}

/**
 * A machine of the simulated cluster: its disk outlives the processes that run on it one after the
 * other.
 */
export class SimulatedMember {
  readonly id: MemberId;
  readonly name: string;
  readonly disk: MemoryDisk;
  running: Running | undefined;
  /** Multiplies the time that each step on the disk takes. */
  diskSlowness = 1;
  /** Its turns come late. */
  isBusy = true;
  readonly #world: MemberWorld;
  readonly #random: Random;
  #incarnation = 0;
  #isStarting = false;
  readonly #isFounder: boolean;
  readonly #pause: Pause;
  #isRetired = false;
  #onGone: () => void = () => {};

  /** @param isFounder false for one that joins: its first configuration names nobody. */
  constructor(id: MemberId, name: string, isFounder: boolean, seed: number, world: MemberWorld) {
    this.id = id;
    this.name = name;
    this.#isFounder = isFounder;
    this.#world = world;
    this.#random = new Random(seed, name);
    this.disk = new MemoryDisk(this.#random.float);
    this.#pause = new Pause(world.scheduler);
  }

  get now(): number {
    return this.#world.scheduler.now;
  }

  /** It answers its clients. */
  get isUp(): boolean {
    return this.running !== undefined;
  }

  /** No process of it runs, nor begins to. */
  get isDown(): boolean {
    return !this.isUp && !this.#isStarting;
  }

  /** Nothing of it runs, and it was not retired. */
  get mayStart(): boolean {
    return this.isDown && !this.#isRetired;
  }

  /** Its process ends, and never starts again. */
  retire(): void {
    this.#isRetired = true;
    this.crash();
  }

  async start(): Promise<void> {
    this.#incarnation += 1;
    this.#isStarting = true;
    const incarnation = this.#incarnation;
    const { scheduler, clusterId, founders, maximumDrift } = this.#world;
    const drift = (2 * this.#random.float() - 1) * maximumDrift;
    const clock = new SimulatedClock(scheduler, 1 + drift, this.#random.between(0, 1e6), (run) =>
      this.#whenAwake(incarnation, run),
    );
    const formats = this.#world.formatsOf(this);
    const storage = MemoryStorage.open({
      disk: this.disk,
      clusterId,
      memberId: this.id,
      names: undefined,
      schedule: (complete) => scheduler.after(this.#diskDelay(), complete),
    });
    const { incarnation: dataDirectory } = storage.start.identity;
    const hello = {
      formats,
      clusterId,
      memberId: this.id,
      incarnation: dataDirectory,
    };
    const transport = this.#world.connect(this, hello);
    const member = await Member.open({
      name: this.name,
      initialConfiguration: { voters: this.#isFounder ? founders : [], learners: [] },
      peerUrls: [`http://${this.name}:7001`],
      clientUrls: [`http://${this.name}:4001`],
      version: '0.1.0',
      formats,
      storage: this.#watched(storage, incarnation),
      transport,
      clock,
      diskBytes: () => undefined,
      defer: (turn) => scheduler.after(this.#turnDelay(), () => this.#whenAwake(incarnation, turn)),
      random: this.#random.float,
      logger: this.#logger(),
      limits: { ...defaultLimits, ...this.#world.limits },
      stateMachine: this.#world.stateMachine,
      onFatal: (error) => this.#onFatal(error),
      onMembers: (configuration) => transport.follow(membersOf(configuration)),
      onApplied: (entry, outcome) => this.#world.onApplied(this, entry, outcome),
    });
    // It crashed while it started: what is left of that start must not take the next one's place.
    if (incarnation !== this.#incarnation) return;
    const { raft, stateMachine } = member.inspect();
    const gone = new Promise<undefined>((resolve) => {
      this.#onGone = () => resolve(undefined);
    });
    const coordinator = new WatchedCoordinator(member, () => this.now, this.break.bind(this));
    const pendingCancels = new PendingCancels(coordinator);
    const { boot } = storage.start;
    this.#slice(stateMachine);
    this.#isStarting = false;
    this.running = {
      ...{ member, coordinator, raft, stateMachine, clock, boot, pendingCancels, gone },
      revocations: new Revocations(() => coordinator.state),
      verified: new VerifiedPasswords(),
    };
    this.#world.trace.add(this.name, `starts, boot ${storage.start.boot}`);
    this.#world.onStarted(this);
    await member.start();
  }

  /** The process is gone at once, and with it what was not synced. */
  crash(): void {
    if (this.isDown) return;
    this.#world.trace.add(this.name, 'crashes');
    this.#isStarting = false;
    this.running?.clock.stop();
    this.running?.pendingCancels.close();
    this.running?.revocations.close();
    this.running = undefined;
    this.#onGone();
    this.#world.disconnect(this);
    this.#incarnation += 1;
    this.disk.crash();
  }

  /** The process stands still (SIGSTOP): its timers and inputs wait, its clock goes on. */
  pause(durationMs: number): void {
    this.#world.trace.add(this.name, `pauses for ${durationMs.toFixed(0)} ms`);
    this.#pause.begin(durationMs);
  }

  /** Ends a pause (SIGCONT). */
  resume(): void {
    this.#pause.end();
  }

  handOver(): void {
    const { running } = this;
    if (running === undefined) return;
    this.#world.trace.add(this.name, 'is asked to hand over');
    this.#world.onHandOver(this);
    running.member.handOver().catch((error: unknown) => this.break(error));
  }

  /** The run has failed here: a start that threw, or a member that contradicted itself. */
  break(error: unknown): void {
    this.#world.onBroken(this, error instanceof Error ? error : new Error(String(error)));
  }

  #whenAwake(incarnation: number, run: () => void): void {
    if (incarnation !== this.#incarnation) return;
    this.#pause.whenOver(() => {
      if (incarnation === this.#incarnation) run();
    });
  }

  #turnDelay(): number {
    const { turnDelayMsMax } = this.#world;
    return turnDelayMsMax === 0 || !this.isBusy ? 0 : this.#random.float() * turnDelayMsMax;
  }

  #diskDelay(): number {
    return this.#random.logBetween(0.1, 5) * this.diskSlowness;
  }

  #watched(storage: Storage, incarnation: number): Storage {
    return {
      start: storage.start,
      write: (write) => {
        this.#world.onWrite(this, write);
        return storage.write(write);
      },
      createSnapshot: (metadata) => storage.createSnapshot(metadata),
      openSnapshot: () => {
        const reader = storage.openSnapshot();
        const isSlow = this.#world.slowRestores;
        return reader && isSlow ? slowly(reader, () => this.#readingTime(incarnation)) : reader;
      },
      compact: (index) => storage.compact(index),
      close: () => storage.close(),
    };
  }

  /** A process that stands still waits until it goes on, and one that is gone for ever. */
  #readingTime(incarnation: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.scheduler.after(this.#diskDelay(), () => this.#whenAwake(incarnation, resolve));
    });
  }

  /**
   * The simulated states are small: in chunks of the usual size each would be written at one
   * moment.
   */
  #slice(stateMachine: StateMachine): void {
    const { snapshotPieceBytes } = this.#world;
    const snapshot = stateMachine.snapshot.bind(stateMachine);
    stateMachine.snapshot = () => {
      const source = snapshot();
      const next = source.next.bind(source);
      source.next = () => next(snapshotPieceBytes);
      return source;
    };
  }

  #onFatal(error: Error): void {
    this.#world.trace.add(this.name, `stops: ${error.message}`);
    if (!/injected/.test(error.message)) this.#world.onBroken(this, error);
    this.crash();
  }

  #logger() {
    const log = (fields: object, message: string) =>
      this.#world.trace.add(this.name, `${message} ${JSON.stringify(fields)}`);
    return { debug: () => {}, info: log, warn: log, error: log };
  }
}

function slowly(reader: SnapshotReader, pause: () => Promise<void>): SnapshotReader {
  return {
    metadata: reader.metadata,
    totalBytes: reader.totalBytes,
    async *chunks() {
      for await (const chunk of reader.chunks()) {
        await pause();
        yield chunk;
      }
    },
  };
}
