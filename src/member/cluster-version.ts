import { encodeCommand, requireEnvelopeVersion } from '../command/codec.js';
import { NewerFormatError } from '../encoding/format-error.js';
import type { FormatRange } from '../encoding/format-range.js';
import type { LogIndex, MemberId, Term } from '../ids.js';
import type { Entry } from '../raft/entry.js';
import type { Raft } from '../raft/raft.js';
import type { StateMachine } from '../store/state-machine.js';
import type { Hello } from '../transport/transport.js';
import type { MembersView } from '../view/members-view.js';
import type { Leadership } from './leadership.js';
import type { LogAppender } from './log-appender.js';

/** The parts of the member that raising the cluster's version needs. */
export interface VersionParts {
  readonly raft: Pick<Raft, 'configuration'>;
  readonly stateMachine: Pick<StateMachine, 'appliedIndex' | 'clusterVersion'> & {
    readonly members: Pick<MembersView, 'registered'>;
  };
  readonly leadership: Pick<Leadership, 'appliedTerm'>;
  readonly appender: Pick<LogAppender, 'append' | 'lastIndex'>;
}

/**
 * Raises the cluster's version, while this member leads, as soon as all members understand more.
 */
export class ClusterVersion {
  readonly #parts: VersionParts;
  /** The rise that is in the log and not yet applied. */
  #proposed: { readonly term: Term; readonly index: LogIndex } | undefined;

  constructor(parts: VersionParts) {
    this.#parts = parts;
  }

  tick(): void {
    const { leadership, stateMachine, appender } = this.#parts;
    const term = leadership.appliedTerm;
    if (term === undefined || this.#isInFlight(term)) return;
    const { voters, learners } = this.#parts.raft.configuration;
    const members = [...voters, ...learners];
    const version = this.#understoodBy(members);
    const { clusterVersion } = stateMachine;
    if (version <= clusterVersion) return;
    const command = encodeCommand(
      undefined,
      { type: 'raiseClusterVersion', version, members },
      clusterVersion,
    );
    if (appender.append([command]).ok) {
      this.#proposed = { term, index: appender.lastIndex };
    }
  }

  #isInFlight(term: Term): boolean {
    const { appliedIndex } = this.#parts.stateMachine;
    return this.#proposed?.term === term && appliedIndex < this.#proposed.index;
  }

  /** Zero while a member of the configuration has not registered. */
  #understoodBy(members: readonly MemberId[]): number {
    const registered = this.#parts.stateMachine.members.registered();
    const understood = members.map(
      (id) => registered.find(({ memberId }) => memberId === id)?.formatVersionMax ?? 0,
    );
    return Math.min(...understood);
  }
}

/** Why a peer is refused that does not understand the cluster's version; undefined when it does. */
export function versionRefusal({ formats }: Hello, clusterVersion: number): string | undefined {
  if (formats.highest >= clusterVersion) return undefined;
  return `the cluster has risen to format ${clusterVersion}, and the member understands up to ${formats.highest}: upgrade it`;
}

/**
 * Runs a step that reads this member's own data directory. An older release can't go on with what a
 * newer one has written there, and says so.
 * @throws {NewerFormatError}
 */
export async function readingDirectory<T>(
  { highest }: FormatRange,
  step: () => T | Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof NewerFormatError) || error.found === undefined) throw error;
    throw NewerFormatError.downgrade(error.found, highest);
  }
}

/**
 * Entries that are not known to be committed are not applied at the start, so they are looked at
 * here.
 * @throws {NewerFormatError}
 */
export function requireReadable(entries: readonly Entry[], { highest }: FormatRange): void {
  for (const { type, data } of entries) {
    if (type === 'command') requireEnvelopeVersion(data, highest);
  }
}
