import { assert } from '../../src/assert.js';
import type { Entry } from '../../src/raft/entry.js';
import type { Message } from '../../src/raft/messages.js';
import type { RaftOptions } from '../../src/raft/options.js';
import type { Raft } from '../../src/raft/raft.js';
import type { Write } from '../../src/raft/ready.js';

type Fields = Record<string, unknown>;

/** The core's own objects, opened by `open-fields.mjs`. */
export interface OpenRaft {
  $state: {
    $writeInProgress: Write | undefined;
    $persistedSequence: number;
    $outbox: { $held: readonly { readonly message: Message; readonly needs: number }[] };
  };
  $role: object;
  $roleReason: unknown;
}

export function opened(raft: Raft): OpenRaft {
  const open = raft as unknown as OpenRaft;
  assert('$state' in open, 'run with the loader that opens private fields');
  return open;
}

/**
 * Brings a core into a form that is the same for all cores that behave alike from now on, so that
 * the number of states is finite:
 * - Of the sequences of writes only differences are ever compared. So the last finished one is
 *   zero.
 * - Of a leader's ticks only differences are compared, and up to an election timeout. So the last
 *   tick is zero. (`heartbeatIntervalTicks` is one, so that each tick is due for a heartbeat.)
 * - A timer that has run out, or a silence that is long enough, does not change any more.
 * - Of the bytes of the log only differences are compared.
 * - A window whose floor is its ceiling has one size, whatever it remembers.
 * - Why a member has its role is for display.
 *
 * A field that is renamed stops the checker: `numberIn` demands that it is there.
 */
export function normalize(raft: Raft, write: Write | undefined, options: RaftOptions): void {
  const open = opened(raft);
  const state = open.$state as unknown as Fields;
  open.$roleReason = 'started';
  state['options'] = options;
  fromZero(state, write);
  lower(state, '$writeTicks', options.electionTimeoutTicks);
  const timer = fieldsOf(state, 'timer');
  lower(timer, '$elapsed', numberIn(timer, '$timeout'));
  lower(timer, '$leaderSilence', options.electionTimeoutTicks);
  offsetsFromZero(fieldsOf(state, 'log'));
  const role = open.$role as Fields;
  if ('$campaign' in role) fieldsOf(role, '$campaign')['$ticks'] = 0;
  if ('$followers' in role) ticksFromZero(role, options);
}

function fromZero(state: Fields, write: Write | undefined): void {
  const outbox = fieldsOf(state, '$outbox');
  const persisted = numberIn(state, '$persistedSequence');
  state['$persistedSequence'] = 0;
  outbox['$persisted'] = 0;
  state['$issuedSequence'] = numberIn(state, '$issuedSequence') - persisted;
  state['$hardStateSequence'] = Math.max(0, numberIn(state, '$hardStateSequence') - persisted);
  assert(state['$writeInProgress'] === write, 'the write is the one that the core waits for');
  if (write !== undefined)
    state['$writeInProgress'] = { ...write, sequence: write.sequence - persisted };
}

function offsetsFromZero(log: Fields): void {
  const start = numberIn(log, '$startOffset');
  const ends = log['$endOffsets'];
  assert(Array.isArray(ends), 'the log knows the sizes of its entries');
  log['$startOffset'] = 0;
  log['$endOffsets'] = ends.map((end: number) => end - start);
}

function ticksFromZero(leader: Fields, options: RaftOptions): void {
  const followers = fieldsOf(leader, '$followers');
  const ticks = numberIn(followers, '$ticks');
  const since = (tick: number) => Math.max(tick - ticks, -options.electionTimeoutTicks);
  followers['$ticks'] = 0;
  const transfer = leader['$transfer'] as Fields | undefined;
  if (transfer !== undefined) {
    leader['$transfer'] = { ...transfer, startedTick: since(numberIn(transfer, 'startedTick')) };
  }
  for (const leaving of mapIn(followers, '$leaving').values()) {
    const { forgetTick } = leaving;
    if (forgetTick !== undefined) leaving['forgetTick'] = numberIn(leaving, 'forgetTick') - ticks;
  }
  for (const progress of mapIn(followers, '$progress').values()) {
    progress['$lastActiveTick'] = since(numberIn(progress, '$lastActiveTick'));
    const window = fieldsOf(progress, '$window');
    window['$sums'] = listIn(window, '$sums').map(() => 0);
    window['$best'] = 0 * numberIn(window, '$best');
    window['$open'] = 0 * numberIn(window, '$open');
  }
}

function lower(fields: Fields, name: string, limit: number): void {
  fields[name] = Math.min(numberIn(fields, name), limit);
}

function numberIn(fields: Fields, name: string): number {
  const value = fields[name];
  assert(typeof value === 'number', `the core has no number ${name} any more`);
  return value;
}

function fieldsOf(fields: Fields, name: string): Fields {
  const value = fields[name];
  assert(typeof value === 'object' && value !== null, `the core has no ${name} any more`);
  return value as Fields;
}

function listIn(fields: Fields, name: string): Fields[] {
  const value = fields[name];
  assert(Array.isArray(value), `the core has no list ${name} any more`);
  return value;
}

function mapIn(fields: Fields, name: string): ReadonlyMap<unknown, Fields> {
  const value = fields[name];
  assert(value instanceof Map, `the core has no map ${name} any more`);
  return value;
}

/** The entries in memory. */
export function entriesIn(raft: Raft): readonly Entry[] {
  const log = fieldsOf(opened(raft) as unknown as Fields, '$state')['log'] as Fields;
  return listIn(log, '$entries') as unknown as readonly Entry[];
}
