import type { ServiceContext } from '../../service/service-context.js';
import type { MemberAddresses } from '../../view/member-addresses.js';

/** A member of the configuration, with what it has registered since. */
export interface KnownMember extends MemberAddresses {
  readonly isLearner: boolean;
  /** It is not promoted when it has caught up. */
  readonly staysLearner: boolean;
}

/** In the order of their ids. */
export function knownMembers({ coordinator, members }: ServiceContext): readonly KnownMember[] {
  const registered = coordinator.state.members.registered();
  return coordinator.members().map(({ memberId, name, peerUrls, isLearner, staysLearner }) => {
    const isSame = (each: MemberAddresses) => each.memberId === memberId;
    const known = registered.find(isSame) ?? members.find(isSame);
    return {
      memberId,
      name: known?.name ?? name,
      peerUrls: peerUrls.length > 0 ? peerUrls : (known?.peerUrls ?? []),
      clientUrls: known?.clientUrls ?? [],
      isLearner,
      staysLearner,
    };
  });
}

/** As etcd has it; only a learner says what it is. */
export function memberJson(member: KnownMember): object {
  const { memberId, name, peerUrls, clientUrls, isLearner } = member;
  const learner = isLearner ? { isLearner } : {};
  return { id: memberId, name, peerURLs: peerUrls, clientURLs: clientUrls, ...learner };
}
