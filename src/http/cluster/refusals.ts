import type { ServiceContext } from '../../service/service-context.js';
import type { PeerRefusal } from '../../view/peer-contact.js';
import { knownMembers } from './known-members.js';

/**
 * Which members refuse this one, and why; else which ones it refuses. Undefined when it is none.
 */
export function whoRefuses(context: ServiceContext): string | undefined {
  return sentence(context, 'peer') ?? sentence(context, 'self');
}

/** The reason that is told first, and all whom it concerns. */
function sentence(context: ServiceContext, by: PeerRefusal['by']): string | undefined {
  const contacts = context.coordinator.contacts();
  const refusals = knownMembers(context).flatMap(({ memberId, name }) => {
    const refusal = contacts.get(memberId)?.refusal;
    return refusal?.by === by ? [{ name, reason: refusal.reason }] : [];
  });
  const [first] = refusals;
  if (first === undefined) return undefined;
  const concerned = refusals.filter(({ reason }) => reason === first.reason);
  const names = concerned.map(({ name }) => name).join(' and ');
  return by === 'peer'
    ? `refused by ${names}: ${first.reason}`
    : `no leader, and this member refuses ${names}: ${first.reason}`;
}
