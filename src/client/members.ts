import type { RequestLimits, Requests } from './requests.js';

/** A member, as the one that answered sees it. */
export interface MemberSummary {
  readonly id: string;
  readonly name: string;
  readonly clientURLs: readonly string[];
  readonly peerURLs: readonly string[];
  /** Whether it answers the member that was asked. */
  readonly reachable: boolean;
  /** As it last said itself; undefined when it has never answered. */
  readonly role: string | undefined;
  readonly version: string | undefined;
  /** It gets the log, and has no vote. */
  readonly learner: boolean;
  /** It was added to stay one. */
  readonly staysLearner: boolean;
}

/** A member that is to join. */
export interface MemberToAdd {
  readonly name: string;
  readonly peerURLs: readonly string[];
  /** It stays a learner. Otherwise it votes as soon as it has caught up. */
  readonly learner?: boolean;
}

/** Who handed over, and who leads now. */
export interface Transfer {
  readonly from: string;
  readonly to: string;
}

interface ClusterAnswer {
  readonly members: readonly (Omit<MemberSummary, 'role' | 'version'> & {
    readonly report: { readonly role: string; readonly version: string } | null;
  })[];
}

/** @internal */
export async function listMembers(
  requests: Requests,
  limits: RequestLimits,
): Promise<readonly MemberSummary[]> {
  const message = { method: 'GET', path: '/v2/stats/cluster', form: {} } as const;
  const { body } = await requests.send({ ...message, repeatable: 'read', ...limits });
  const { members } = JSON.parse(body) as ClusterAnswer;
  return members.map(({ report, ...member }) => {
    const { id, name, clientURLs, peerURLs, reachable, learner, staysLearner } = member;
    return {
      ...{ id, name, clientURLs, peerURLs, reachable, learner, staysLearner },
      role: report?.role,
      version: report?.version,
    };
  });
}

/** @internal */
export async function transferLeadership(
  requests: Requests,
  limits: RequestLimits,
  to: string | undefined,
): Promise<Transfer> {
  const path = '/v2/admin/transfer-leadership';
  // To move it to anybody twice could move it back.
  const repeatable = to === undefined ? 'once' : 'idempotent';
  const { body } = await requests.send({
    ...{ method: 'POST', path, form: { to }, repeatable },
    ...limits,
  });
  return JSON.parse(body) as Transfer;
}

/** @internal Resolves with the id of the member. */
export async function addMember(
  requests: Requests,
  limits: RequestLimits,
  member: MemberToAdd,
): Promise<string> {
  const message = { method: 'POST', path: '/v2/members', form: {}, json: member } as const;
  const { body } = await requests.send({ ...message, repeatable: 'once', ...limits });
  return (JSON.parse(body) as { readonly id: string }).id;
}

/** @internal */
export async function removeMember(
  requests: Requests,
  limits: RequestLimits,
  id: string,
): Promise<void> {
  const message = { method: 'DELETE', path: `/v2/members/${id}`, form: {} } as const;
  await requests.send({ ...message, repeatable: 'once', ...limits });
}

/** @internal */
export async function updateMember(
  requests: Requests,
  limits: RequestLimits,
  id: string,
  peerURLs: readonly string[],
): Promise<void> {
  const message = {
    method: 'PUT',
    path: `/v2/members/${id}`,
    form: {},
    json: { peerURLs },
  } as const;
  await requests.send({ ...message, repeatable: 'idempotent', ...limits });
}
