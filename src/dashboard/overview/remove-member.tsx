import type { ClusterView, MemberView } from '../api/cluster.js';
import { curlLine } from '../api/curl.js';
import { memberRemovalOf, removeMember } from '../api/member-requests.js';
import { Confirmation } from '../components/confirmation.js';
import { votersLeft } from './start-line.js';

interface RemoveMemberProps {
  readonly view: ClusterView;
  readonly member: MemberView;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

export function RemoveMember({ view, member, onDone, onClose }: RemoveMemberProps) {
  const { id, name, isSelf } = member;
  return (
    <Confirmation
      title={`Remove ${name}?`}
      label={`Remove ${name}`}
      curl={curlLine('DELETE', memberRemovalOf(id).path)}
      perform={async () => {
        await removeMember(id);
        onDone();
      }}
      onClose={onClose}
    >
      <p>
        <strong>{name}</strong> leaves the cluster for good, and its process ends.{' '}
        {votersLeft(view, id)}
      </p>
      {isSelf && <p>It serves this page, which ends with it. Open the page at another member.</p>}
    </Confirmation>
  );
}
