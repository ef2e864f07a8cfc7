import type { KeyNode } from '../api/key-requests.js';
import { ValueBox } from './value-box.js';

interface EditConflictProps {
  readonly mine: string;
  readonly theirs: KeyNode | undefined;
  readonly onOverwrite: () => void;
  readonly onKeepTheirs: () => void;
  readonly onEdit: () => void;
}

/** Shows both versions after a conflict, in which nothing was saved. */
export function EditConflict(props: EditConflictProps) {
  const { mine, theirs, onOverwrite, onKeepTheirs, onEdit } = props;
  return (
    <section class="conflict" aria-label="Two versions">
      <p class="notice critical" role="alert">
        <strong>Not saved.</strong>{' '}
        {theirs === undefined
          ? 'Somebody has deleted the key while you were editing it.'
          : `Somebody has changed it, at index ${theirs.modifiedIndex}, while you were editing it.`}
      </p>
      <div class="versions">
        <section aria-label="Theirs">
          <h3>Theirs{theirs !== undefined && `, index ${theirs.modifiedIndex}`}</h3>
          <ValueBox label="Their value" text={theirs === undefined ? '(deleted)' : theirs.value} />
        </section>
        <section aria-label="Yours">
          <h3>Yours, not saved</h3>
          <ValueBox label="Your value" text={mine} />
        </section>
      </div>
      <div class="buttons">
        <button type="button" class="primary" onClick={onKeepTheirs}>
          Keep theirs
        </button>
        <button type="button" onClick={onEdit}>
          Go on editing yours
        </button>
        <button type="button" class="danger" onClick={onOverwrite}>
          {theirs === undefined ? 'Create it again with yours' : 'Replace theirs with yours'}
        </button>
      </div>
    </section>
  );
}
