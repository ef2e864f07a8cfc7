import type { ClusterView } from '../api/cluster.js';
import type { Joining } from '../api/member-requests.js';
import { CopyButton } from '../components/copy-button.js';
import { startLine } from './start-line.js';

interface StartNoteProps {
  readonly view: ClusterView;
  readonly joining: Joining;
  readonly onClose: () => void;
}

/** What is left to do: nobody but its machine can start a member. */
export function StartNote({ view, joining, onClose }: StartNoteProps) {
  const line = startLine(view, joining);
  return (
    <>
      <p role="status">
        <strong>{joining.name}</strong> belongs to the cluster. Start it there with an empty data
        directory:
      </p>
      <pre class="start-line mono">{line}</pre>
      <div class="buttons">
        <button type="button" class="primary" onClick={onClose}>
          Close
        </button>
        <CopyButton label="Copy the command" text={line} />
      </div>
    </>
  );
}
