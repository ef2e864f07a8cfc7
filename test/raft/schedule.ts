import assert from 'node:assert/strict';
import { type LogIndex, logIndex, type MemberId, type Term } from '../../src/ids.js';
import type { Message } from '../../src/raft/messages.js';
import { Cluster } from './cluster.js';
import { id, nameOf, type Peer } from './peer.js';

/** mulberry32: small, and the same everywhere. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const names = ['a', 'b', 'c', 'd', 'e'];

interface Read {
  /** The highest index that was committed anywhere when the read was asked for. */
  readonly atLeast: number;
}

/**
 * Drives a cluster through a random schedule: any order of arrival, losses, copies, slow disks,
 * crashes, snapshots. After every step it compares the cores with what an all-seeing observer
 * knows.
 */
export class Schedule {
  readonly cluster: Cluster;
  readonly #random: () => number;
  readonly #leaders = new Map<Term, string>();
  readonly #votes = new Map<string, string>();
  /** The term of each committed entry; a hole where it was never seen. */
  readonly #committed: Term[] = [];
  readonly #reads = new Map<number, Read>();
  readonly #seenReads = new Map<Peer, number>();
  #contexts = 0;
  /** Each run has faults of its own, so that no fault hides what another would show. */
  #loss: number;
  #disorder: number;
  #copies: number;
  readonly #disturbance: number;
  /** How often the members change, of a hundred steps. */
  readonly #changes: number;
  #joined = 0;

  constructor(seed: number) {
    this.#random = randomFrom(seed);
    this.#loss = this.#pick([0, 0.02, 0.15]);
    this.#disorder = this.#pick([0, 0.05, 0.5]);
    this.#copies = this.#pick([0, 0.05]);
    this.#disturbance = this.#pick([0.1, 0.5, 1]);
    const voters = names.slice(0, this.#pick([1, 2, 3, 3, 3, 5]));
    const learners =
      this.#chance(0.2) && voters.length < 5 ? names.slice(voters.length).slice(0, 1) : [];
    this.cluster = new Cluster({
      voters,
      learners,
      tuning: {
        electionTimeoutTicks: 10,
        heartbeatIntervalTicks: 3,
        random: this.#random,
        inflightMax: this.#pick([1, 2, 8]),
        appendBytesMax: this.#pick([1, 40, 1000]),
        committedBytesMax: this.#pick([1, 1000]),
      },
    });
    this.cluster.onSend = (message) => this.#onSend(message);
    this.#changes = this.#pick([0, 1, 5]);
  }

  run(steps: number): void {
    this.#fallSilent();
    for (let step = 0; step < steps; step += 1) {
      this.#act();
      this.cluster.pump();
      this.#check();
    }
  }

  /** Everything works again: a new entry must be applied everywhere before long. */
  recover(): void {
    this.#loss = 0;
    this.#disorder = 0;
    this.#copies = 0;
    for (const peer of this.cluster.peers.values()) peer.slow = false;
    for (const peer of this.cluster.peers.values()) peer.finishWrite();
    const timeout = this.cluster.peer('a').options.electionTimeoutTicks;
    for (let tick = 0; tick < 20 * timeout; tick += 1) {
      for (const name of this.cluster.peers.keys()) {
        this.cluster.tick(name, 1);
        this.#settle();
      }
      this.#check();
      if (this.#isWhole()) return;
      if (tick % timeout === 0) this.#propose();
    }
    assert.fail('the cluster does not recover');
  }

  #settle(): void {
    for (let left = 2000; this.cluster.network.length > 0 && left > 0; left -= 1) {
      this.#deliver();
      this.#check();
    }
  }

  #isWhole(): boolean {
    const states = [...this.cluster.peers.values()].map((peer) => peer.raft.softState());
    const leader = states.find((state) => state.role === 'leader');
    if (leader?.leaderId === undefined) return false;
    const { voters, learners } = this.cluster.peer(nameOf(leader.leaderId)).raft.configuration;
    const members = [...voters, ...learners].map((member) => this.cluster.peer(nameOf(member)));
    return (
      leader.commitIndex === leader.lastIndex &&
      members.every((peer) => peer.appliedIndex === leader.lastIndex) &&
      this.#committed[leader.lastIndex] === leader.currentTerm
    );
  }

  #act(): void {
    if (this.#changes > 0 && this.#chance(this.#changes / 100)) this.#change();
    const dice = this.#random();
    if (dice < 0.7) this.#deliverSome();
    else if (dice < 0.78) this.#anyPeer().raft.tick();
    else if (dice < 0.86) this.#propose();
    else if (dice < 0.91) this.#disk();
    else if (dice < 0.93) this.#compact();
    else if (dice < 0.96) this.#read();
    else if (dice < 0.97) this.#anyPeer().raft.reportUnreachable(this.#anyId());
    else this.#disturb();
  }

  /** Any change of any member that some leader agrees to; a machine that joins is a new one. */
  #change(): void {
    const type = this.#pick(['addLearner', 'promote', 'promote', 'remove'] as const);
    const leaders = [...this.cluster.peers.values()].filter(
      ({ raft }) => raft.softState().role === 'leader',
    );
    for (const { raft } of leaders) {
      const { voters, learners } = raft.configuration;
      if (type === 'addLearner' && voters.length + learners.length >= 7) continue;
      const member = type === 'addLearner' ? this.#fresh() : this.#anyId();
      raft.changeConfiguration({ type, member });
    }
  }

  #fresh(): MemberId {
    this.#joined += 1;
    const name = `f${this.#joined.toString(16)}`;
    this.cluster.join(name);
    return id(name);
  }

  #disturb(): void {
    if (this.#chance(1 - this.#disturbance)) return;
    const dice = this.#random();
    if (dice < 0.4) this.#anyPeer().restart();
    else if (dice < 0.6) this.#anyPeer().raft.transferLeadership(undefined);
    else if (dice < 0.8) this.#anyPeer().raft.leaderLost(this.#anyId());
    else this.#fallSilent();
  }

  #deliverSome(): void {
    for (let left = this.#pick([1, 1, 2, 4]); left > 0; left -= 1) this.#deliver();
  }

  #deliver(): void {
    const { network } = this.cluster;
    const late = this.#chance(this.#disorder);
    const position = late ? Math.floor(this.#random() * network.length) : 0;
    const [message] = network.splice(position, 1);
    if (message === undefined) return;
    const lost = this.#chance(this.#loss);
    if (this.#chance(this.#copies)) network.push(message);
    if (message.type === 'InstallSnapshotRequest') {
      this.cluster.peers.get(nameOf(message.from))?.raft.reportSnapshot(message.to, !lost);
    }
    if (!lost) this.cluster.peers.get(nameOf(message.to))?.raft.step(message);
    this.cluster.pump();
  }

  #propose(): void {
    for (const { raft } of this.cluster.peers.values()) {
      if (raft.softState().role !== 'leader') continue;
      const data = Array.from({ length: this.#pick([1, 1, 3]) }, () => new Uint8Array(10));
      raft.propose(data);
    }
  }

  #disk(): void {
    const peer = this.#anyPeer();
    if (this.#chance(0.3)) peer.slow = !peer.slow;
    else peer.finishWrite();
  }

  #compact(): void {
    const peer = this.#anyPeer();
    const alreadyAt = peer.disk.snapshot?.lastIncludedIndex ?? 0;
    // The file system of a real member does not delete what an unfinished write still names.
    if (peer.writeInProgress !== undefined || peer.appliedIndex <= alreadyAt) return;
    peer.compact(this.#pick([0, 0, 2]));
  }

  #read(): void {
    const atLeast = this.#committed.length - 1;
    for (const { raft } of this.cluster.peers.values()) {
      this.#contexts += 1;
      if (raft.readIndex(this.#contexts)) this.#reads.set(this.#contexts, { atLeast });
    }
  }

  /** Time goes on, but nothing arrives: long enough for everybody to miss a leader. */
  #fallSilent(): void {
    const ticks = this.#pick([10, 20]);
    for (const peer of this.cluster.peers.values()) {
      for (let tick = 0; tick < ticks; tick += 1) peer.raft.tick();
    }
  }

  #onSend(message: Message): void {
    const sender = this.cluster.peer(nameOf(message.from));
    const { hardState } = sender.disk;
    const speaksOfTermToCome =
      message.type === 'PreVoteRequest' ||
      (message.type === 'PreVoteResponse' && message.voteGranted);
    if (!speaksOfTermToCome) {
      assert.ok(
        message.term <= hardState.currentTerm,
        `${message.type} before its term is durable`,
      );
    }
    if (message.type === 'RequestVoteResponse' && message.voteGranted) {
      this.#onVote(message.from, message.term, message.to);
    }
    if (message.type === 'RequestVoteRequest') {
      this.#onVote(message.from, message.term, message.from);
    }
  }

  #onVote(voter: string, term: Term, candidate: string): void {
    const key = `${voter} in ${term}`;
    const earlier = this.#votes.get(key);
    assert.ok(earlier === undefined || earlier === candidate, `two votes of ${key}`);
    this.#votes.set(key, candidate);
  }

  #check(): void {
    for (const peer of this.cluster.peers.values()) {
      this.#checkLeader(peer);
      this.#checkCommitted(peer);
      this.#checkReads(peer);
    }
  }

  #checkLeader(peer: Peer): void {
    const { role, currentTerm } = peer.raft.softState();
    if (role !== 'leader') return;
    const known = this.#leaders.get(currentTerm);
    assert.ok(known === undefined || known === peer.name, `two leaders in term ${currentTerm}`);
    if (known === undefined) this.#checkCompleteness(peer, currentTerm);
    this.#leaders.set(currentTerm, peer.name);
    for (const progress of peer.raft.peers()) {
      assert.ok(progress.matchIndex < progress.nextIndex);
      assert.ok(progress.nextIndex <= peer.raft.lastIndex + 1);
      const holder = this.cluster.peer(nameOf(progress.id));
      // An acknowledgement to a leader that was replaced since is true of the past only.
      if (holder.raft.softState().currentTerm > currentTerm) continue;
      const durableTerm = termOnDisk(holder, progress.matchIndex);
      const ownTerm = peer.raft.termAt(progress.matchIndex);
      if (durableTerm === 'covered' || ownTerm === 'compacted') continue;
      assert.equal(durableTerm, ownTerm, `${holder.name} does not hold what it acknowledged`);
    }
  }

  /** Leader completeness (Raft, figure 3): what an earlier term committed is in its log. */
  #checkCompleteness(leader: Peer, currentTerm: Term): void {
    for (const [index, term] of this.#committed.entries()) {
      if (term === undefined || term >= currentTerm) continue;
      const ownTerm = leader.raft.termAt(logIndex(index));
      assert.ok(ownTerm === 'compacted' || ownTerm === term, `leader lacks committed ${index}`);
    }
  }

  #checkCommitted(peer: Peer): void {
    const { commitIndex } = peer.raft.softState();
    for (let at = Math.max(1, commitIndex - 20); at <= commitIndex; at += 1) {
      const term = peer.raft.termAt(logIndex(at));
      if (typeof term !== 'number') continue;
      const known = this.#committed[at];
      if (known === undefined) this.#onCommit(logIndex(at), term);
      else assert.equal(term, known, `entry ${at} was committed twice`);
    }
  }

  /** The leader that has counted, by its own voters, is among those who know. */
  #onCommit(index: LogIndex, term: Term): void {
    this.#committed[index] = term;
    const knowing = [...this.cluster.peers.values()].filter(
      ({ raft }) => raft.softState().commitIndex >= index,
    );
    const isDurable = ({ raft }: Peer) => {
      const { voters } = raft.configuration;
      const holders = voters.filter((voter) => {
        const durable = termOnDisk(this.cluster.peer(nameOf(voter)), index);
        return durable === 'covered' || durable === term;
      });
      return holders.length * 2 > voters.length;
    };
    assert.ok(knowing.some(isDurable), `entry ${index} is not durable on a majority`);
  }

  #checkReads(peer: Peer): void {
    const seen = this.#seenReads.get(peer) ?? 0;
    const start = seen > peer.readStates.length ? 0 : seen;
    for (const { context, readIndex } of peer.readStates.slice(start)) {
      const read = this.#reads.get(context);
      assert.ok(read !== undefined && readIndex >= read.atLeast, 'a stale read');
    }
    this.#seenReads.set(peer, peer.readStates.length);
  }

  #anyPeer(): Peer {
    return this.#pick([...this.cluster.peers.values()]);
  }

  #anyId() {
    return id(this.#pick([...this.cluster.peers.keys()]));
  }

  #chance(probability: number): boolean {
    return this.#random() < probability;
  }

  #pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#random() * choices.length)];
    assert.ok(choice !== undefined);
    return choice;
  }
}

function termOnDisk(peer: Peer, index: LogIndex): Term | 'covered' | 'missing' {
  const { snapshot, entries } = peer.disk;
  if (index <= (snapshot?.lastIncludedIndex ?? 0)) return 'covered';
  return entries.find((entry) => entry.index === index)?.term ?? 'missing';
}
