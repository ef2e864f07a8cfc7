import { useState } from 'preact/hooks';
import type { ClusterView, MemberView } from '../api/cluster.js';
import { addMember, type Joining, removeMember } from '../api/member-requests.js';
import { ActionForm } from '../components/action-form.js';
import { Dialog } from '../components/dialog.js';
import { useAction } from '../components/use-action.js';
import { StartNote } from './start-note.js';

interface ReplaceMemberProps {
  readonly view: ClusterView;
  readonly member: MemberView;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

type Stage = 'asking' | 'removed' | 'added';

/** The lost one goes first: while it counts, the cluster survives one failure less. */
export function ReplaceMember({ view, member, onDone, onClose }: ReplaceMemberProps) {
  const { id, name, staysLearner } = member;
  const [url, setUrl] = useState(member.peerUrls.join());
  const [stage, setStage] = useState<Stage>('asking');
  const action = useAction();
  const peerUrls = url.split(',').map((each) => each.trim());
  const joining: Joining = { name, peerUrls, learner: staysLearner };
  const replace = async () => {
    if (stage === 'asking') await removeMember(id);
    setStage('removed');
    onDone();
    await addMember(joining);
    setStage('added');
    onDone();
  };
  if (stage === 'added') {
    return (
      <Dialog title={`${name} was replaced`} onClose={onClose}>
        <StartNote view={view} joining={joining} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog title={`Replace ${name}?`} onClose={onClose}>
      <p>
        <strong>{name}</strong> leaves the cluster for good, and its process ends. Then a new member
        of its name is added, for a machine whose disk is empty.
      </p>
      {member.isSelf && stage === 'asking' && (
        <p>It serves this page. Open the page at another member, and replace it from there.</p>
      )}
      {stage === 'removed' && !action.isUnderWay && (
        <p role="status">It is removed already. Only the new one has still to be added.</p>
      )}
      <ActionForm
        action={action}
        perform={replace}
        label={stage === 'removed' ? `Add the new ${name}` : `Replace ${name}`}
        isReady={url.trim() !== '' && !(member.isSelf && stage === 'asking')}
        onCancel={onClose}
      >
        <label class="field">
          Peer URL of the new one
          <input
            class="mono"
            type="text"
            inputMode="url"
            value={url}
            onInput={({ currentTarget }) => setUrl(currentTarget.value)}
          />
        </label>
      </ActionForm>
    </Dialog>
  );
}
