import type { HttpAddress } from '../config/http-address.js';
import { type MemberId, memberId } from '../ids.js';
import { failure, ok, type Result } from '../result.js';
import type { PeerSecurity } from '../tls/peer-security.js';
import type { Fetch } from '../tls/secure-fetch.js';
import { askPeer } from '../transport/members-query.js';
import { messageOf } from '../transport/transport-error.js';

/** What a live member tells of its cluster. */
export interface ExistingCluster {
  readonly clusterId: string;
  readonly members: readonly ExistingMember[];
}

export interface ExistingMember {
  readonly memberId: MemberId;
  /** Empty until it has started, if it was added without one. */
  readonly name: string;
  readonly peerUrls: readonly string[];
}

/** How a member that is to join speaks to the others. */
export interface JoinSecurity {
  /** To their client URLs. */
  readonly fetch: Fetch;
  /** To their peer URLs; undefined where members do not speak TLS. */
  readonly peers: PeerSecurity | undefined;
}

/** One that does not answer by then is passed over. */
const answerWithinMs = 3000;

/**
 * Asks one member after the other, until one of them answers.
 * @param clientUrls as `--join` names them.
 * @param peers as --initial-cluster names them, for etcd's way to join.
 */
export async function askForMembers(
  clientUrls: readonly string[],
  peers: readonly HttpAddress[],
  security: JoinSecurity,
): Promise<Result<ExistingCluster, string>> {
  const faults: string[] = [];
  for (const url of clientUrls) {
    const asked = await ask(url, security.fetch);
    if (asked.ok) return asked;
    faults.push(`${url} ${asked.error}`);
  }
  for (const peer of peers) {
    try {
      return ok(await askPeer(peer, answerWithinMs, security.peers?.dialler(peer.hostname)));
    } catch (error) {
      faults.push(`${peer.url} does not answer: ${messageOf(error)}`);
    }
  }
  return failure(faults.join('; '));
}

async function ask(url: string, fetch: Fetch): Promise<Result<ExistingCluster, string>> {
  try {
    const signal = AbortSignal.timeout(answerWithinMs);
    const response = await fetch(`${url}/v2/members`, { signal });
    const clusterId = response.headers.get('X-Etcd-Cluster-Id');
    if (response.status !== 200 || clusterId === null) {
      const advice =
        response.status === 401
          ? ': it asks for users, so name the members by --initial-cluster, and not by --join'
          : '';
      return failure(`answers ${response.status} to a question for the members${advice}`);
    }
    return membersIn(clusterId, await response.json());
  } catch (error) {
    const cause = error instanceof TypeError ? error.cause : undefined;
    return failure(`does not answer${cause instanceof Error ? `: ${cause.message}` : ''}`);
  }
}

function membersIn(clusterId: string, body: unknown): Result<ExistingCluster, string> {
  const strange = failure('answers with something that is no list of members');
  const { members } = { members: undefined, ...(body as object) };
  if (!Array.isArray(members)) return strange;
  const found: ExistingMember[] = [];
  for (const each of members as readonly unknown[]) {
    const { id, name, peerURLs } = { id: '', name: '', peerURLs: [], ...(each as object) };
    if (!/^[0-9a-f]{16}$/.test(id) || !Array.isArray(peerURLs)) return strange;
    found.push({ memberId: memberId(id), name: String(name), peerUrls: peerURLs.map(String) });
  }
  return ok({ clusterId, members: found });
}
