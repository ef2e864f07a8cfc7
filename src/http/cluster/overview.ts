import type { ServiceContext } from '../../service/service-context.js';
import type { MemberStatus } from '../../view/member-status.js';
import type { PeerContact, PeerRefusal } from '../../view/peer-contact.js';
import { jsonType, type TextResponse, textResponse } from '../server/api-response.js';
import { followersJson } from './followers.js';
import { type KnownMember, knownMembers } from './known-members.js';

/**
 * The cluster as this member sees it: its own state, and what each of the others said in its last
 * answer, with the age of that answer.
 */
export function showOverview(context: ServiceContext): TextResponse {
  const { coordinator } = context;
  const raft = coordinator.status();
  const ownStatus = coordinator.memberStatus();
  const contacts = coordinator.contacts();
  const self: PeerContact = {
    reachable: true,
    silentMs: 0,
    roundTripMs: 0,
    status: ownStatus,
    fault: undefined,
    refusal: undefined,
  };
  const content = {
    clusterId: raft.clusterId,
    self: selfJson(context, ownStatus),
    members: knownMembers(context).map((member) => {
      const isSelf = member.memberId === raft.memberId;
      const contact = isSelf ? self : contacts.get(member.memberId);
      const waitingRequests = coordinator.state.locks.waitingRequests(member.memberId);
      return { ...memberJson(member, contact), self: isSelf, waitingRequests };
    }),
    followers: raft.role === 'leader' ? followersJson(coordinator) : null,
  };
  return textResponse(200, jsonType, `${JSON.stringify(content)}\n`, {
    'X-Etcd-Cluster-Id': raft.clusterId,
    'Cache-Control': 'no-store',
  });
}

function selfJson(context: ServiceContext, ownStatus: MemberStatus): object {
  const { coordinator, wallClock, events } = context;
  const status = coordinator.status();
  // The followers are shown beside the members, and distributions are for /metrics. Every other
  // measurement is shown here as it is.
  const { followers, durations, traffic, ...measurements } = coordinator.measurements();
  const leaderForMs = wallClock.now() - status.leaderSince;
  return {
    id: status.memberId,
    name: status.name,
    startTime: wallClock.toText(status.startedAt),
    leaderForMs: status.leaderId === undefined ? null : Math.round(leaderForMs),
    etcdIndex: coordinator.state.etcdIndex,
    locks: coordinator.state.locks.totals('lock'),
    elections: coordinator.state.locks.totals('leader'),
    events: events.recorded,
    ...statusJson(ownStatus),
    ...measurements,
  };
}

function memberJson(member: KnownMember, contact: PeerContact | undefined): object {
  const { memberId, name, peerUrls, clientUrls, isLearner, staysLearner } = member;
  const status = contact?.status;
  return {
    id: memberId,
    name,
    peerURLs: peerUrls,
    clientURLs: clientUrls,
    learner: isLearner,
    staysLearner,
    reachable: contact?.reachable ?? false,
    silentMs: rounded(contact?.silentMs),
    roundTripMs: contact?.roundTripMs ?? null,
    fault: contact?.fault ?? null,
    refusal: contact?.refusal === undefined ? null : refusalJson(contact.refusal),
    report: status === undefined ? null : statusJson(status),
  };
}

function refusalJson({ by, reason }: PeerRefusal): object {
  return { by, reason };
}

function statusJson(status: MemberStatus): object {
  return {
    role: status.role,
    term: status.term,
    leader: status.leaderId ?? null,
    commitIndex: status.commitIndex,
    appliedIndex: status.appliedIndex,
    upMs: rounded(status.upMs),
    rssBytes: status.rssBytes ?? null,
    heapUsedBytes: status.heapUsedBytes,
    diskBytes: status.diskBytes ?? null,
    watchers: status.watchers,
    version: status.version,
  };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}
