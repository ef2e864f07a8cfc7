import type { ServiceContext } from '../../service/service-context.js';
import { type TextResponse, textResponse, textType } from '../server/api-response.js';
import { messageReply, type PageRequest, pageReply } from './json-page.js';
import { type KnownMember, knownMembers, memberJson } from './known-members.js';
import { addMember, removeMember, updateMember } from './member-changes.js';

function leaderOf(context: ServiceContext): KnownMember | undefined {
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

export function serveMembers(
  context: ServiceContext,
  request: PageRequest,
): TextResponse | Promise<TextResponse> {
  return request.method === 'GET' ? listMembers(context) : addMember(context, request);
}

/** As in etcd, no single member is shown. */
export function serveMember(
  context: ServiceContext,
  request: PageRequest,
): TextResponse | Promise<TextResponse> {
  if (request.method === 'GET') return messageReply(context, 404, 'Not found');
  return request.method === 'PUT' ? updateMember(context, request) : removeMember(context, request);
}

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

function text(status: number, body: string): TextResponse {
  return textResponse(status, textType, body, {});
}
