import type { ConfigurationChange } from '../../src/raft/configuration-change.js';
import type { Message } from '../../src/raft/messages.js';
import { configurationOf, id, nameOf, Peer, type Tuning } from './peer.js';

export interface Shape {
  readonly voters: readonly string[];
  readonly learners: readonly string[];
  readonly tuning: Tuning;
}

/** Cores joined by a network without delays of its own: a test says when what arrives. */
export class Cluster {
  readonly peers = new Map<string, Peer>();
  /** On their way, in the order in which they were sent. */
  network: Message[] = [];
  readonly #cut = new Set<string>();
  readonly #tuning: Tuning;
  /** Told of each message when it is sent. */
  onSend: (message: Message) => void = () => {};

  constructor(shape: Shape) {
    this.#tuning = shape.tuning;
    const configuration = configurationOf(shape.voters, shape.learners);
    for (const name of [...shape.voters, ...shape.learners]) {
      this.peers.set(name, new Peer(name, { configuration, ...shape.tuning }));
    }
  }

  peer(name: string): Peer {
    const peer = this.peers.get(name);
    if (peer === undefined) throw new Error(`no member ${name}`);
    return peer;
  }

  /** A machine with an empty disk, which no configuration names yet. */
  join(name: string): Peer {
    const peer = new Peer(name, { ...this.#tuning, configuration: configurationOf([], []) });
    this.peers.set(name, peer);
    return peer;
  }

  /** `leader` begins the change, and all that follows from it happens. */
  change(leader: string, type: ConfigurationChange['type'], member: string): string {
    const begun = this.begin(leader, type, member);
    this.settle();
    return begun;
  }

  /** The change is appended, and nothing is sent yet. Returns why not, or `ok`. */
  begin(leader: string, type: ConfigurationChange['type'], member: string): string {
    const begun = this.peer(leader).raft.changeConfiguration({ type, member: id(member) });
    return begun.ok ? 'ok' : begun.error.type;
  }

  /** So many ticks at every member, with all that happens between them. */
  pass(ticks: number): void {
    for (let tick = 0; tick < ticks; tick += 1) {
      for (const name of this.peers.keys()) this.tick(name, 1);
      this.settle();
    }
  }

  /** Adds a machine as a learner, and promotes it once it has caught up. */
  grow(leader: string, name: string): void {
    this.join(name);
    this.change(leader, 'addLearner', name);
    this.pass(this.peer(leader).options.electionTimeoutTicks + 1);
    this.change(leader, 'promote', name);
  }

  /** Nothing more arrives from `from` at `to`, until the link is mended. */
  cut(from: string, to: string): void {
    this.#cut.add(`${from}${to}`);
  }

  isolate(name: string): void {
    for (const other of this.peers.keys()) {
      this.cut(name, other);
      this.cut(other, name);
    }
  }

  heal(): void {
    this.#cut.clear();
  }

  /** Lets every member do what its core wants done. */
  pump(): void {
    for (const peer of this.peers.values()) {
      for (const message of peer.pump()) {
        this.onSend(message);
        if (!this.#cut.has(`${nameOf(message.from)}${nameOf(message.to)}`)) {
          this.network.push(message);
        }
      }
    }
  }

  /** Takes away the messages on their way that fit. */
  drop(fits: (message: Message) => boolean): readonly Message[] {
    const dropped = this.network.filter(fits);
    this.network = this.network.filter((message) => !fits(message));
    return dropped;
  }

  /** Delivers what is on its way, and what follows from it, until all is quiet. */
  settle(): void {
    this.pump();
    for (let left = 10_000; this.network.length > 0; left -= 1) {
      if (left === 0) throw new Error('the cluster does not come to rest');
      this.deliverNext();
    }
  }

  deliverNext(): void {
    const message = this.network.shift();
    if (message === undefined) return;
    this.peers.get(nameOf(message.to))?.raft.step(message);
    this.pump();
  }

  tick(name: string, count: number): void {
    for (let tick = 0; tick < count; tick += 1) {
      this.peer(name).raft.tick();
      this.pump();
    }
  }

  /** `name` campaigns; the others have forgotten their leader by then. */
  elect(name: string): void {
    const timeout = this.peer(name).options.electionTimeoutTicks;
    for (const other of this.peers.keys()) {
      if (other !== name) this.#ageLeader(other, timeout);
    }
    this.tick(name, timeout);
    this.settle();
  }

  propose(name: string, ...data: readonly string[]): void {
    const encoder = new TextEncoder();
    this.peer(name).raft.propose(data.map((text) => encoder.encode(text)));
    this.settle();
  }

  #ageLeader(name: string, timeout: number): void {
    const { raft } = this.peer(name);
    if (raft.softState().role === 'follower' && raft.softState().leaderId !== undefined) {
      // One tick less than a timeout would still protect the leader; the member itself keeps quiet.
      for (let tick = 0; tick < timeout - 1; tick += 1) raft.tick();
      raft.leaderLost(raft.softState().leaderId ?? id(name));
    }
  }
}
