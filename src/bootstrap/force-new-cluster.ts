import { type MemberId, next, term } from '../ids.js';
import type { Logger } from '../logger.js';
import { decodeConfiguration, encodeConfiguration } from '../raft/configuration.js';
import type { Configuration } from '../raft/entry.js';
import { decodeAddresses, encodeAddresses } from '../records/addresses-format.js';
import type { StartState, Storage } from '../storage/storage.js';

/**
 * Makes the member the only one of its cluster: an entry at the end of its log removes all others.
 * It is of a term that this member votes for itself in, so that it differs from whatever another
 * leader may have put there. What the log holds stays, committed or not: some of it may have been
 * acknowledged.
 * @returns false when the member is alone already, and nothing was written.
 */
export async function forceNewCluster(
  storage: Storage,
  founding: Configuration,
  logger: Logger,
): Promise<boolean> {
  const { hardState, identity } = storage.start;
  const { memberId } = identity;
  const before = latestOf(storage.start) ?? founding;
  const others = [...before.voters, ...before.learners].filter((id) => id !== memberId);
  if (others.length === 0) {
    logger.warn({}, '--force-new-cluster has nothing to do: this member is alone. Leave it out');
    return false;
  }
  const newTerm = term(hardState.currentTerm + 1);
  const entry = {
    index: next(lastIndexOf(storage.start)),
    term: newTerm,
    type: 'configuration' as const,
    data: encodeConfiguration(alone(before, memberId, others)),
  };
  await storage.write({
    sequence: 1,
    hardState: { ...hardState, currentTerm: newTerm, votedFor: memberId },
    entries: [entry],
    snapshot: undefined,
  });
  const fields = { givenUp: others, index: entry.index, term: newTerm };
  logger.warn(fields, 'gave up all other members for good: acknowledged writes may be lost');
  return true;
}

function alone(
  before: Configuration,
  memberId: MemberId,
  others: readonly MemberId[],
): Configuration {
  const addresses = decodeAddresses(before.addresses);
  return {
    voters: [memberId],
    learners: [],
    // Its own removal may be in the log: nobody was left to commit it.
    removed: [...(before.removed ?? []), ...others].filter((each) => each !== memberId),
    addresses: encodeAddresses(addresses.filter((each) => each.memberId === memberId)),
  };
}

function latestOf({ snapshot, entries }: StartState): Configuration | undefined {
  const last = entries.findLast(({ type }) => type === 'configuration');
  return last === undefined ? snapshot?.configuration : decodeConfiguration(last.data);
}

function lastIndexOf({ snapshot, entries }: StartState) {
  const { lastIncludedIndex } = snapshot ?? { lastIncludedIndex: undefined };
  const last = entries.at(-1)?.index ?? lastIncludedIndex;
  if (last === undefined) throw new Error('--force-new-cluster needs a member that ran before');
  return last;
}
