import { assert } from '../../src/assert.js';
import { logIndex, type MemberId } from '../../src/ids.js';
import { decodeConfiguration } from '../../src/raft/configuration.js';
import type { Entry, SnapshotMetadata } from '../../src/raft/entry.js';
import type { Message } from '../../src/raft/messages.js';
import type { RaftOptions } from '../../src/raft/options.js';
import { Raft } from '../../src/raft/raft.js';
import type { Write } from '../../src/raft/ready.js';
import { recover } from '../../src/storage/write-rules.js';
import { afterWrite, type Disk, nameOf } from '../raft/peer.js';
import {
  type Fates,
  isProbe,
  putProbes,
  takeHeld,
  type Waiting,
  waitingFor,
} from './held-messages.js';
import type { Envelope, Input } from './input.js';
import { membersWord } from './log-members.js';
import { entriesIn } from './normal-form.js';

/** A snapshot's bytes: here the entries that made the state. */
interface Contents {
  readonly snapshot: SnapshotMetadata;
  readonly entries: readonly string[];
}

/** One member: its core, its disk, and a state machine that remembers what it was given. */
export interface MemberState {
  raft: Raft;
  disk: Disk;
  /** Of the snapshot on the disk. */
  contents: readonly string[];
  write: Write | undefined;
  /** Snapshots that have arrived, and that no write has installed yet. */
  arrived: readonly Contents[];
  applied: readonly string[];
}

/** An entry in a word: its term, its type, and what is in it. */
export function wordOf({ term, type, data }: Entry): string {
  if (type === 'noop') return `${term}-noop`;
  if (type === 'command') return `${term}-${String.fromCharCode(...data)}`;
  const { voters, learners, removed = [] } = decodeConfiguration(data);
  const names = {
    voters: voters.map(nameOf),
    learners: learners.map(nameOf),
    removed: removed.map(nameOf),
  };
  return `${term}-${membersWord(names)}`;
}

export function started(options: RaftOptions): MemberState {
  const { hardState, snapshot, entries } = options;
  const disk = { hardState, snapshot, entries };
  return {
    raft: new Raft(options),
    ...{ disk, contents: [], write: undefined, arrived: [], applied: [] },
  };
}

/** A message, and which write it waits for; zero if it leaves at once. */
export interface Sent {
  readonly envelope: Envelope;
  readonly when: 0 | Waiting;
}

export interface Reaction {
  readonly sent: readonly Sent[];
  /** What becomes of the messages that have waited since before. */
  readonly fates: Fates;
}

/** As `run`, for a core whose waiting messages are kept outside of it. */
export function react(
  state: MemberState,
  input: Input,
  options: RaftOptions,
  slowDisk: boolean,
): Reaction {
  putProbes(state.raft);
  const messages = run(state, input, options, slowDisk);
  const { held, fates } = takeHeld(state.raft, messages);
  const sent = messages
    .filter((message) => !isProbe(message))
    .map((message): Sent => ({ envelope: envelopeOf(state, message), when: 0 }));
  const later = held.map(
    ({ message, needs }): Sent => ({
      envelope: envelopeOf(state, message),
      when: waitingFor(needs),
    }),
  );
  return { sent: [...sent, ...later], fates };
}

/** Does what the input says, then all that the core wants done. Returns what leaves. */
export function run(
  state: MemberState,
  input: Input,
  options: RaftOptions,
  slowDisk: boolean,
): readonly Message[] {
  const led = state.raft.softState().role === 'leader';
  handle(state, input, options);
  const messages: Message[] = [];
  while (state.raft.hasReady()) {
    const ready = state.raft.ready();
    messages.push(...ready.messages);
    if (ready.committedEntries.length > 0) apply(state, ready.committedEntries);
    if (ready.write !== undefined) {
      assert(state.write === undefined, 'one write at a time');
      state.write = ready.write;
    }
    if (!slowDisk && state.write !== undefined) finishWrite(state, state.write);
  }
  if (led) stayedUntilRemoved(state.raft, options.id);
  return messages;
}

/** A leader that removes itself leads until that is committed (thesis, section 4.2.2). */
function stayedUntilRemoved({ roleReason, committedConfiguration }: Raft, id: MemberId): void {
  const isVoter = committedConfiguration.voters.includes(id);
  assert(
    roleReason !== 'removed' || !isVoter,
    'a leader has left before its removal was committed',
  );
}

function handle(state: MemberState, input: Input, options: RaftOptions): void {
  const { raft } = state;
  switch (input.type) {
    case 'receive':
      receive(state, input.envelope);
      return;
    case 'electionTimeout':
      for (let tick = 0; tick < options.electionTimeoutTicks; tick += 1) raft.tick();
      return;
    case 'heartbeat':
      raft.tick();
      return;
    case 'persisted':
      if (state.write !== undefined) finishWrite(state, state.write);
      return;
    case 'crash':
      restart(state, input.written, options);
      return;
    case 'propose':
      raft.propose([new Uint8Array([nameOf(options.id).charCodeAt(0)])]);
      return;
    case 'compact':
      compact(state, input.trailing);
      return;
    case 'transfer':
      raft.transferLeadership(input.to);
      return;
    case 'change':
      raft.changeConfiguration(input.change);
      return;
    case 'leaderLost':
      raft.leaderLost(input.leader);
      return;
    case 'unreachable':
      raft.reportUnreachable(input.peer);
      return;
    case 'snapshotReported':
      raft.reportSnapshot(input.peer, input.delivered);
      return;
  }
}

/** A snapshot is stepped once its bytes are durable. */
function receive(state: MemberState, { message, contents }: Envelope): void {
  state.raft.step(message);
  if (message.type !== 'InstallSnapshotRequest') return;
  const { snapshot } = message;
  if (state.raft.snapshotToInstall !== snapshot) return;
  state.arrived = [...state.arrived, { snapshot, entries: contents ?? [] }];
}

function apply(state: MemberState, entries: readonly Entry[]): void {
  const [first] = entries;
  assert(first?.index === state.applied.length + 1, 'applied in order, without a gap');
  state.applied = [...state.applied, ...entries.map(wordOf)];
}

function finishWrite(state: MemberState, write: Write): void {
  state.write = undefined;
  state.disk = afterWrite(state.disk, write);
  state.raft.persisted(write.sequence);
  const { snapshot } = write;
  if (snapshot === undefined) return;
  const { lastIncludedIndex } = snapshot;
  const arrived = state.arrived.find(
    (each) => each.snapshot.lastIncludedIndex === lastIncludedIndex,
  );
  assert(arrived !== undefined, 'a snapshot is installed that never came');
  state.contents = arrived.entries;
  state.arrived = state.arrived.filter(
    (each) => each.snapshot.lastIncludedIndex > lastIncludedIndex,
  );
  if (lastIncludedIndex > state.applied.length) state.applied = arrived.entries;
}

/** The process ends. A write in progress has reached the disk or has not; a snapshot has. */
function restart(state: MemberState, written: boolean, options: RaftOptions): void {
  const { write } = state;
  if (written && write !== undefined) state.disk = afterWrite(state.disk, write);
  const newest = state.arrived.at(-1);
  const { snapshot: stored } = state.disk;
  if (newest !== undefined && isLater(newest.snapshot, stored)) {
    state.disk = { ...state.disk, snapshot: newest.snapshot };
  }
  const { snapshot } = state.disk;
  const arrived = state.arrived.find(
    (each) => each.snapshot.lastIncludedIndex === snapshot?.lastIncludedIndex,
  );
  if (arrived !== undefined) state.contents = arrived.entries;
  const { hardState, entries } = state.disk;
  const lastIndex = entries.at(-1)?.index ?? stored?.lastIncludedIndex ?? logIndex(0);
  const recovered = recover(hardState, snapshot, entries, lastIndex);
  state.disk = { hardState: recovered.hardState, snapshot, entries: recovered.entries };
  const lastApplied = snapshot?.lastIncludedIndex ?? logIndex(0);
  state.raft = new Raft({ ...options, ...state.disk, lastApplied });
  state.write = undefined;
  state.arrived = [];
  state.applied = state.contents;
}

function isLater(snapshot: SnapshotMetadata, other: SnapshotMetadata | undefined): boolean {
  return snapshot.lastIncludedIndex > (other?.lastIncludedIndex ?? 0);
}

/** Takes a snapshot of what is applied, and keeps `trailing` entries before its end. */
function compact(state: MemberState, trailing: number): void {
  const index = logIndex(state.applied.length);
  const keepFrom = logIndex(Math.max(1, index + 1 - trailing));
  const snapshot = state.raft.snapshotMetadataAt(index);
  state.raft.compact(snapshot, keepFrom);
  const entries = state.disk.entries.filter((entry) => entry.index >= keepFrom);
  state.disk = { ...state.disk, snapshot, entries };
  state.contents = state.applied;
}

/** What is announced is sent as it is by then: the newest snapshot. */
function envelopeOf({ contents }: MemberState, message: Message): Envelope {
  return { message, contents: message.type === 'InstallSnapshotRequest' ? contents : undefined };
}

/** The whole log in memory, in words, also of entries that a snapshot has replaced. */
export function logOf(state: MemberState): readonly string[] {
  const { raft, arrived, applied } = state;
  const boundary = raft.firstIndex - 1;
  const before = boundary > applied.length ? arrived.at(-1)?.entries : applied;
  assert(before !== undefined && before.length >= boundary, 'the compacted entries are known');
  return [...before.slice(0, boundary), ...entriesIn(raft).map(wordOf)];
}

/** The same of the log on the disk. */
export function durableLogOf({ disk, contents }: MemberState): readonly string[] {
  const first = disk.entries[0]?.index ?? logIndex(contents.length + 1);
  return [...contents.slice(0, first - 1), ...disk.entries.map(wordOf)];
}
