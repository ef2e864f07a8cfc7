import { useState } from 'preact/hooks';
import type { ClusterView } from '../api/cluster.js';
import { curlJsonLine } from '../api/curl.js';
import { additionOf, addMember, type Joining } from '../api/member-requests.js';
import { ActionForm } from '../components/action-form.js';
import { CopyButton } from '../components/copy-button.js';
import { Dialog } from '../components/dialog.js';
import { useAction } from '../components/use-action.js';
import { StartNote } from './start-note.js';

interface AddMemberProps {
  readonly view: ClusterView;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** The member starts afterwards: before that, the others would refuse it. */
export function AddMember({ view, onDone, onClose }: AddMemberProps) {
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [learner, setLearner] = useState(false);
  const [isAdded, setAdded] = useState(false);
  const action = useAction();
  const joining: Joining = { name: name.trim(), peerUrls: [url.trim()], learner };
  const { path, json } = additionOf(joining);
  if (isAdded) {
    return (
      <Dialog title={`${joining.name} was added`} onClose={onClose}>
        <StartNote view={view} joining={joining} onClose={onClose} />
      </Dialog>
    );
  }
  return (
    <Dialog title="Add a member?" onClose={onClose}>
      <p>It gets the log first, and votes by itself once it has caught up.</p>
      <ActionForm
        action={action}
        perform={async () => {
          await addMember(joining);
          setAdded(true);
          onDone();
        }}
        label={joining.name === '' ? 'Add it' : `Add ${joining.name}`}
        isReady={joining.name !== '' && url.trim() !== ''}
        onCancel={onClose}
      >
        <label class="field">
          Name
          <input
            type="text"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
          />
        </label>
        <label class="field">
          Peer URL
          <input
            class="mono"
            type="text"
            inputMode="url"
            placeholder="http://10.0.0.4:7001"
            value={url}
            onInput={({ currentTarget }) => setUrl(currentTarget.value)}
          />
        </label>
        <label class="choice">
          <input
            type="checkbox"
            checked={learner}
            onChange={({ currentTarget }) => setLearner(currentTarget.checked)}
          />
          a learner: it never votes
        </label>
      </ActionForm>
      <CopyButton label="Copy curl" text={curlJsonLine('POST', path, json)} />
    </Dialog>
  );
}
