import { Member } from '../../src/member/member.js';
import { defaultLimits, type MemberLimits } from '../../src/member/options.js';
import type { InstallSnapshotRequest, Message } from '../../src/raft/messages.js';
import { MemoryDisk } from '../../src/storage/memory-disk.js';
import type { MemoryStepKind } from '../../src/storage/memory-queue.js';
import { MemoryStorage } from '../../src/storage/memory-storage.js';
import type { Transport, TransportHandler } from '../../src/transport/transport.js';
import { settle } from '../support/settle.js';
import { otherPeer, peer, self } from './snapshot-samples.js';

/** A snapshot that the member sends, and how the test says that it has arrived. */
export interface SentSnapshot {
  readonly request: InstallSnapshotRequest;
  readonly arrive: () => void;
}

/** One member among peers that a test plays, on a disk whose steps it may hold back. */
export class WholeMember {
  readonly disk: MemoryDisk;
  readonly storage: MemoryStorage;
  readonly sent: Message[] = [];
  readonly snapshots: SentSnapshot[] = [];
  readonly fatal: Error[] = [];
  readonly #limits: MemberLimits;
  readonly #held = new Set<MemoryStepKind>();
  readonly #steps: (() => void)[] = [];
  readonly #timers: (() => void)[] = [];
  #handler: TransportHandler | undefined;
  #member: Member | undefined;

  constructor(limits: Partial<MemberLimits> = {}, disk = new MemoryDisk(() => 0.9)) {
    this.#limits = { ...defaultLimits, ...limits };
    this.disk = disk;
    this.storage = MemoryStorage.open({
      disk,
      clusterId: 'c'.repeat(16),
      memberId: self,
      schedule: (complete, kind) => {
        if (this.#held.has(kind)) this.#steps.push(complete);
        else queueMicrotask(complete);
      },
    });
  }

  async start(): Promise<this> {
    this.#member = await Member.open({
      name: 'one',
      initialMembers: [self, peer, otherPeer],
      peerUrls: [],
      clientUrls: [],
      version: '0',
      storage: this.storage,
      transport: this.#transport(),
      clock: {
        now: () => 0,
        after: (_delayMs, run) => {
          this.#timers.push(run);
          return () => {};
        },
      },
      defer: (turn) => queueMicrotask(turn),
      random: () => 0,
      logger: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
      limits: this.#limits,
      onFatal: (error) => this.fatal.push(error),
    });
    await this.#member.start();
    await settle();
    return this;
  }

  get member(): Member {
    if (this.#member === undefined) throw new Error('the member has not started');
    return this.#member;
  }

  get handler(): TransportHandler {
    if (this.#handler === undefined) throw new Error('the member has not started');
    return this.#handler;
  }

  get appliedIndex(): number {
    return this.member.status().appliedIndex;
  }

  #transport(): Transport {
    return {
      start: async (handler) => {
        this.#handler = handler;
      },
      send: (_to, messages) => {
        this.sent.push(...messages);
      },
      forward: () => {},
      respond: () => {},
      sendSnapshot: (request) =>
        new Promise((resolve) => this.snapshots.push({ request, arrive: () => resolve() })),
      close: async () => {},
    };
  }

  /** From now on such steps of the disk wait. */
  hold(kind: MemoryStepKind): void {
    this.#held.add(kind);
  }

  /** All steps end, those that waited too. */
  async release(): Promise<void> {
    this.#held.clear();
    for (const complete of this.#steps.splice(0)) complete();
    await settle();
  }

  /** Messages arrive; returns what the member has sent by the time that it is at rest again. */
  async step(...messages: readonly Message[]): Promise<readonly Message[]> {
    const before = this.sent.length;
    for (const message of messages) this.handler.onMessages(message.from, [message]);
    await settle();
    return this.sent.slice(before);
  }

  async tick(): Promise<void> {
    for (const run of this.#timers.splice(0)) run();
    await settle();
  }
}
