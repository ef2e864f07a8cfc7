import { nameOf } from '../raft/peer.js';
import type { Bounds } from './bounds.js';
import { Cluster } from './cluster.js';
import type { Input } from './input.js';
import type { Step } from './search.js';

/** A line of a scene's script is no move that the members can make, or not any more. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
}

/** Where a search begins, and its bounds. */
export interface Scene {
  readonly name: string;
  /** What it is about, in a sentence. */
  readonly about: string;
  readonly bounds: Bounds;
  /** What happens first, a line for each move. */
  readonly script: readonly string[];
}

/**
 * `a times out`, `a gets RequestVoteResponse (granted) from b`, `a persisted`: how a line names a
 * move.
 */
export function lineOf(name: string, input: Input): string {
  switch (input.type) {
    case 'receive': {
      const { message } = input.envelope;
      const verdict = 'voteGranted' in message ? verdictOf(message.voteGranted) : '';
      return `${name} gets ${message.type}${verdict} from ${nameOf(message.from)}`;
    }
    case 'electionTimeout':
      return `${name} times out`;
    case 'change':
      return `${name} ${input.change.type} ${nameOf(input.change.member)}`;
    case 'compact':
      return `${name} compact ${input.trailing}`;
    case 'unreachable':
      return `${name} unreachable ${nameOf(input.peer)}`;
    default:
      return `${name} ${input.type}`;
  }
}

function verdictOf(granted: boolean): string {
  return granted ? ' (granted)' : ' (refused)';
}

/** How `leader` is elected by `voter`, who grants both votes; whose disk is slow has to write. */
export function election(
  leader: string,
  voter: string,
  slow: readonly string[],
): readonly string[] {
  const writes = (name: string) => (slow.includes(name) ? [`${name} persisted`] : []);
  return [
    `${leader} times out`,
    `${leader} gets PreVoteResponse (granted) from ${voter}`,
    ...writes(leader),
    `${voter} gets RequestVoteRequest from ${leader}`,
    ...writes(voter),
    `${leader} gets RequestVoteResponse (granted) from ${voter}`,
    ...writes(leader),
  ];
}

/** How a candidate that has timed out is elected by these, whose disks are not slow. */
export function granted(candidate: string, voters: readonly string[]): readonly string[] {
  return [
    ...voters.map((voter) => `${candidate} gets PreVoteResponse (granted) from ${voter}`),
    ...voters.map((voter) => `${voter} gets RequestVoteRequest from ${candidate}`),
    ...voters.map((voter) => `${candidate} gets RequestVoteResponse (granted) from ${voter}`),
  ];
}

/** The follower has what the leader has, and the leader knows. */
export function copied(leader: string, follower: string): readonly string[] {
  return [
    `${follower} gets AppendEntriesRequest from ${leader}`,
    `${leader} gets AppendEntriesResponse from ${follower}`,
  ];
}

export interface Begun {
  readonly cluster: Cluster;
  readonly record: Int32Array;
  /** The moves of the script, and the answers between them. */
  readonly steps: readonly Step[];
  readonly moves: readonly Step[];
}

/** Plays the script. Of several messages that a line may mean, the newest is meant. */
export function begin(scene: Scene): Begun {
  const cluster = new Cluster(scene.bounds);
  const steps: Step[] = [];
  const moves: Step[] = [];
  let record = cluster.initial((member, move) => steps.push({ member, move }));
  for (const line of scene.script) {
    const found: Step[] = [];
    const others = new Set<string>();
    cluster.expand(record, (_, member, move) => {
      const name = cluster.names[member] ?? '';
      const possible = lineOf(name, move.outcome.input);
      if (possible === line) found.push({ member, move });
      else others.add(possible);
    });
    const step = found.at(-1);
    if (step === undefined) {
      throw new ScriptError(`not "${line}", but ${[...others].join(', ')}`);
    }
    steps.push(step);
    moves.push(step);
    cluster.follow(
      record,
      step.member,
      step.move,
      (child, _, __, violation) => {
        if (violation !== undefined) throw new BrokenScript(scene, line, violation.details);
        record = Int32Array.from(child);
      },
      (member, move) => steps.push({ member, move }),
    );
  }
  return { cluster, record, steps, moves };
}

/** A promise is broken before the search begins. */
export class BrokenScript extends Error {
  override readonly name = 'BrokenScript';

  constructor({ name }: Scene, line: string, details: string) {
    super(`${name}: at "${line}": ${details}`);
  }
}
