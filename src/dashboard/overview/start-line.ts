import type { ClusterView } from '../api/cluster.js';
import type { Joining } from '../api/member-requests.js';
import { isDown } from './diagnosis.js';

/** The command that starts a member which was added. It asks one that answers for the others. */
export function startLine(view: ClusterView, { name, peerUrls }: Joining): string {
  const others = view.members.filter((member) => member.name !== name && !isDown(member));
  const through = others.find(({ clientUrls }) => clientUrls.length > 0)?.clientUrls[0];
  return [
    `conclave server --name ${name}`,
    `--initial-advertise-peer-urls ${peerUrls.join()}`,
    `--initial-cluster-state existing --join ${through ?? 'URL-OF-ANY-MEMBER'}`,
  ].join(' ');
}

/** How many may vote once that member is gone, and how many of them must answer. */
export function votersLeft(view: ClusterView, goneId: string): string {
  const voters = view.members.filter(({ id, isLearner }) => !isLearner && id !== goneId).length;
  const quorum = Math.floor(voters / 2) + 1;
  if (voters === 1) return 'One member is left that votes.';
  return `${voters} members are left that vote; ${quorum} of them must answer, or nothing can be written.`;
}
