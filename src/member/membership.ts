import type { MemberId } from '../ids.js';
import type { ConfigurationChange } from '../raft/configuration-change.js';
import type { Configuration } from '../raft/entry.js';
import {
  type ConfiguredAddress,
  decodeAddresses,
  encodeAddresses,
} from '../records/addresses-format.js';
import { failure, ok, type Result } from '../result.js';
import type { ConfiguredMember } from '../view/configured-member.js';
import type { MembersChange, MembersRefusalReason, NewMember } from '../view/members-change.js';

/** In the order of their ids. One whose address was never told has none. */
export function configuredMembers(configuration: Configuration): readonly ConfiguredMember[] {
  const addresses = decodeAddresses(configuration.addresses);
  const describe = (isLearner: boolean) => (memberId: MemberId) => {
    const known = addresses.find((each) => each.memberId === memberId);
    const unknown = { memberId, name: '', peerUrls: [], staysLearner: false };
    return { ...(known ?? unknown), isLearner };
  };
  const { voters, learners } = configuration;
  return [...voters.map(describe(false)), ...learners.map(describe(true))].sort((one, other) =>
    one.memberId < other.memberId ? -1 : 1,
  );
}

/** The voters of a cluster that begins. */
export function foundingConfiguration(
  members: readonly Pick<ConfiguredMember, 'memberId' | 'name' | 'peerUrls'>[],
): Configuration {
  const addresses = members.map(({ memberId, name, peerUrls }) => {
    return { memberId, name, peerUrls, staysLearner: false };
  });
  return {
    voters: members.map(({ memberId }) => memberId),
    learners: [],
    addresses: encodeAddresses(addresses),
  };
}

/** What a cluster goes by of which this member knows nothing yet. */
export const unknownConfiguration: Configuration = { voters: [], learners: [] };

/** The step of the configuration that does what was asked, or why there is none. */
export function stepFor(
  configuration: Configuration,
  change: MembersChange,
): Result<ConfigurationChange, MembersRefusalReason> {
  const known = configuredMembers(configuration);
  switch (change.type) {
    case 'add': {
      const { member } = change;
      const { memberId } = member;
      if (known.some((each) => each.memberId === memberId)) return failure('exists');
      if (known.some((each) => sharesUrl(each, member))) return failure('urlTaken');
      if (member.name !== '' && known.some(({ name }) => name === member.name))
        return failure('nameTaken');
      const addresses = encodeAddresses([...known.map(addressOf), member]);
      return ok({ type: 'addLearner', member: memberId, addresses });
    }
    case 'remove': {
      const { memberId } = change;
      const others = known.filter((each) => each.memberId !== memberId);
      const addresses = encodeAddresses(others.map(addressOf));
      return ok({ type: 'remove', member: memberId, addresses });
    }
    case 'update': {
      const { memberId, peerUrls } = change;
      const isOther = (each: ConfiguredMember) => each.memberId !== memberId;
      if (known.some((each) => isOther(each) && sharesUrl(each, change)))
        return failure('urlTaken');
      const moved = known.map((each) => (isOther(each) ? each : { ...each, peerUrls }));
      const addresses = encodeAddresses(moved.map(addressOf));
      return ok({ type: 'update', member: memberId, addresses });
    }
  }
}

function sharesUrl(
  one: Pick<ConfiguredMember, 'peerUrls'>,
  other: Pick<NewMember, 'peerUrls'>,
): boolean {
  return one.peerUrls.some((url) => other.peerUrls.includes(url));
}

function addressOf({
  memberId,
  name,
  peerUrls,
  staysLearner,
}: ConfiguredMember): ConfiguredAddress {
  return { memberId, name, peerUrls, staysLearner };
}
