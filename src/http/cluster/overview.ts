import type { ApiContext, MemberAddresses, MemberReport, PeerContact } from '../context.js';
import { jsonType, type TextResponse, textResponse } from '../server/api-response.js';
import { followersJson } from './followers.js';
import { knownMembers } from './members.js';

/**
 * The cluster as this member sees it: its own state, and what each of the others said in its last
 * answer, with the age of that answer.
 */
export function showOverview(context: ApiContext): TextResponse {
  const { coordinator, clusterInfo } = context;
  const status = coordinator.status();
  const report = clusterInfo.report();
  const contacts = clusterInfo.contacts();
  const self: PeerContact = { reachable: true, silentMs: 0, roundTripMs: 0, report };
  const content = {
    clusterId: status.clusterId,
    self: selfJson(context),
    members: knownMembers(context).map((member) => {
      const isSelf = member.memberId === status.memberId;
      const contact = isSelf ? self : contacts.get(member.memberId);
      return { ...memberJson(member, contact), self: isSelf };
    }),
    followers: status.role === 'leader' ? followersJson(coordinator) : null,
  };
  return textResponse(200, jsonType, `${JSON.stringify(content)}\n`, {
    'X-Etcd-Cluster-Id': status.clusterId,
    'Cache-Control': 'no-store',
  });
}

function selfJson({ coordinator, wallClock, clusterInfo }: ApiContext): object {
  const status = coordinator.status();
  const { appendsSent, appendsReceived, leaderChanges, commandsApplied } =
    coordinator.measurements();
  const leaderForMs = wallClock.now() - status.leaderSince;
  return {
    id: status.memberId,
    name: status.name,
    startTime: wallClock.toText(status.startedAt),
    leaderForMs: status.leaderId === undefined ? null : Math.round(leaderForMs),
    etcdIndex: coordinator.state.etcdIndex,
    locks: coordinator.state.totals('lock'),
    elections: coordinator.state.totals('leader'),
    ...reportJson(clusterInfo.report()),
    leaderChanges,
    commandsApplied,
    appendsSent,
    appendsReceived,
  };
}

function memberJson(member: MemberAddresses, contact: PeerContact | undefined): object {
  const { memberId, name, peerUrls, clientUrls } = member;
  const report = contact?.report;
  return {
    id: memberId,
    name,
    peerURLs: peerUrls,
    clientURLs: clientUrls,
    reachable: contact?.reachable ?? false,
    silentMs: rounded(contact?.silentMs),
    roundTripMs: contact?.roundTripMs ?? null,
    report: report === undefined ? null : reportJson(report),
  };
}

function reportJson(report: MemberReport): object {
  return {
    role: report.role,
    term: report.term,
    leader: report.leaderId ?? null,
    commitIndex: report.commitIndex,
    appliedIndex: report.appliedIndex,
    upMs: rounded(report.upMs),
    rssBytes: report.rssBytes,
    heapUsedBytes: report.heapUsedBytes,
    diskBytes: report.diskBytes ?? null,
    watchers: report.watchers,
    version: report.version,
  };
}

function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms);
}
