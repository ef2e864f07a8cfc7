import { assertNever } from '../../assert.js';
import type { TransferRefusal } from '../../member/coordinator.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { MemberAddresses } from '../../view/member-addresses.js';
import type { ApiRequest } from '../server/api-request.js';
import type { TextResponse } from '../server/api-response.js';
import { messageReply, pageReply } from './json-page.js';
import { knownMembers } from './known-members.js';

/** Moves the leadership: to the member that `to` names, or to the most up-to-date one. */
export async function transferLeadership(
  context: ServiceContext,
  request: ApiRequest,
): Promise<TextResponse> {
  const { coordinator } = context;
  const wanted = request.parameters.get('to');
  const members = knownMembers(context);
  const target = members.find(({ name, memberId }) => wanted === name || wanted === memberId);
  if (wanted !== undefined && target === undefined) {
    const names = members.map(({ name }) => name).toSorted();
    const known = names.join(', ');
    return messageReply(context, 404, `"${wanted}" is not a member: the members are ${known}`);
  }
  if (target !== undefined && !isReachable(context, target)) {
    return messageReply(context, 409, `${target.name} does not answer, so it cannot lead`);
  }
  const before = coordinator.status().leaderId;
  const transferred = await coordinator.transferLeadership(target?.memberId);
  if (!transferred.ok) return refusal(context, transferred.error, target);
  const nameOf = (id: string | undefined) => members.find(({ memberId }) => memberId === id)?.name;
  return pageReply(context, { from: nameOf(before), to: nameOf(transferred.value) });
}

/** As this member sees it; it always reaches itself. */
function isReachable({ coordinator }: ServiceContext, { memberId }: MemberAddresses): boolean {
  if (memberId === coordinator.status().memberId) return true;
  return coordinator.contacts().get(memberId)?.reachable === true;
}

function refusal(
  context: ServiceContext,
  reason: TransferRefusal,
  target: MemberAddresses | undefined,
): TextResponse {
  const who = target?.name ?? 'another member';
  switch (reason) {
    case 'noLeader':
      return unavailable(context, 'nobody leads, so there is nothing to hand over');
    case 'leadsAlready':
      return messageReply(context, 409, `${who} leads already`);
    case 'noTarget':
      return messageReply(context, 409, `the leader cannot hand over to ${who}`);
    case 'notTaken':
      return unavailable(context, `${who} did not take over in time`);
    default:
      return assertNever(reason);
  }
}

function unavailable(context: ServiceContext, message: string): TextResponse {
  const { headers, ...reply } = messageReply(context, 503, message);
  return { ...reply, headers: { ...headers, 'Retry-After': 1 } };
}
