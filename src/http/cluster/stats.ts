import type { AppendTraffic } from '../../member/measurements.js';
import type { ServiceContext } from '../../service/service-context.js';
import { jsonType, type TextResponse, textResponse } from '../server/api-response.js';
import { followersJson } from './followers.js';

/** etcd's fields, and ours that compare members. */
export function showSelf({ coordinator, wallClock }: ServiceContext): TextResponse {
  const status = coordinator.status();
  const { appendsSent, appendsReceived } = coordinator.measurements();
  const upMs = status.leaderId === undefined ? 0 : wallClock.now() - status.leaderSince;
  return json(200, {
    name: status.name,
    id: status.memberId,
    state: status.role === 'leader' ? 'StateLeader' : 'StateFollower',
    startTime: wallClock.toText(status.startedAt),
    leaderInfo: {
      leader: status.leaderId ?? '',
      uptime: durationText(upMs),
      startTime: wallClock.toText(wallClock.now() - upMs),
    },
    recvAppendRequestCnt: appendsReceived.count,
    ...ratesJson('recv', appendsReceived),
    sendAppendRequestCnt: appendsSent.count,
    ...ratesJson('send', appendsSent),
    clusterId: status.clusterId,
    role: status.role,
    term: status.currentTerm,
    firstIndex: status.firstIndex,
    commitIndex: status.commitIndex,
    appliedIndex: status.appliedIndex,
    etcdIndex: coordinator.state.etcdIndex,
  });
}

/** As in etcd, a rate of zero is left out. */
function ratesJson(way: 'recv' | 'send', { perSecond, bytesPerSecond }: AppendTraffic): object {
  if (perSecond === 0) return {};
  return { [`${way}PkgRate`]: perSecond, [`${way}BandwidthRate`]: bytesPerSecond };
}

/** Only the leader knows the progress of the followers. */
export function showFollowers({ coordinator }: ServiceContext): TextResponse {
  const { role, memberId } = coordinator.status();
  if (role !== 'leader') return json(403, { message: 'not current leader' });
  return json(200, { leader: memberId, followers: followersJson(coordinator) });
}

export function showStore({ coordinator }: ServiceContext): TextResponse {
  return json(200, coordinator.state.keys.statistics());
}

/** As Go prints a duration: "1h2m3.5s". */
function durationText(ms: number): string {
  const seconds = (ms % 60_000) / 1000;
  const minutes = Math.floor(ms / 60_000) % 60;
  const hours = Math.floor(ms / 3_600_000);
  const tail = `${Number(seconds.toFixed(3))}s`;
  if (hours > 0) return `${hours}h${minutes}m${tail}`;
  return minutes > 0 ? `${minutes}m${tail}` : tail;
}

function json(status: number, content: object): TextResponse {
  return textResponse(status, jsonType, JSON.stringify(content), {});
}
