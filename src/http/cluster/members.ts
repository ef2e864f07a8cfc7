import type { MemberId } from '../../ids.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { MemberAddresses } from '../../view/member-addresses.js';
import { type TextResponse, textResponse, textType } from '../server/api-response.js';
import { messageReply, type PageRequest, pageReply } from './json-page.js';

/** In the order of their ids. Addresses that members registered replace the configured ones. */
export function knownMembers({ coordinator, members }: ServiceContext): readonly MemberAddresses[] {
  const known = new Map<MemberId, MemberAddresses>(members.map((one) => [one.memberId, one]));
  for (const registered of coordinator.state.members.registered()) {
    known.set(registered.memberId, registered);
  }
  return [...known.values()].sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
}

function leaderOf(context: ServiceContext): MemberAddresses | undefined {
  const { leaderId } = context.coordinator.status();
  return knownMembers(context).find((member) => member.memberId === leaderId);
}

function listMembers(context: ServiceContext): TextResponse {
  return pageReply(context, { members: knownMembers(context).map(memberJson) });
}

export function showLeadingMember(context: ServiceContext): TextResponse {
  const leader = leaderOf(context);
  if (leader === undefined) return messageReply(context, 503, 'During election');
  return pageReply(context, memberJson(leader));
}

export function serveMembers(context: ServiceContext, { method }: PageRequest): TextResponse {
  return method === 'GET' ? listMembers(context) : messageReply(context, 409, unchangeable);
}

/** As in etcd, no single member is shown. */
export function serveMember(context: ServiceContext, { method, name }: PageRequest): TextResponse {
  if (method === 'GET') return messageReply(context, 404, 'Not found');
  return knownMembers(context).some(({ memberId }) => memberId === name)
    ? messageReply(context, 409, unchangeable)
    : messageReply(context, 404, `No such member: ${name}`);
}

/** etcd's clients show the message of a 409, and of few other answers. */
const unchangeable = 'the members of a cluster cannot be changed';

/** Client addresses, the leader's first, as etcd 0.4 listed them. */
export function listMachines(context: ServiceContext): TextResponse {
  const { leaderId } = context.coordinator.status();
  const members = knownMembers(context);
  const urls = [
    ...members.filter((member) => member.memberId === leaderId),
    ...members.filter((member) => member.memberId !== leaderId),
  ].flatMap((member) => member.clientUrls);
  return text(200, urls.join(', '));
}

/** The leader's peer address as plain text (etcd 0.4; later versions dropped it). */
export function showLeaderUrl(context: ServiceContext): TextResponse {
  const url = leaderOf(context)?.peerUrls[0];
  return url === undefined ? text(503, 'During election\n') : text(200, url);
}

function memberJson({ memberId, name, peerUrls, clientUrls }: MemberAddresses): object {
  return { id: memberId, name, peerURLs: peerUrls, clientURLs: clientUrls };
}

function text(status: number, body: string): TextResponse {
  return textResponse(status, textType, body, {});
}
