import type { ComponentChildren } from 'preact';
import { Dialog } from './dialog.js';
import { FailureNote, useDeed } from './use-deed.js';

interface ConfirmationProps {
  readonly title: string;
  /** The button's words: what will be done. */
  readonly action: string;
  readonly perform: () => Promise<void>;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Nothing is taken from anybody without a second look. */
export function Confirmation({ title, action, perform, onClose, children }: ConfirmationProps) {
  const deed = useDeed();
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <FailureNote failure={deed.failure} />
      <div class="buttons">
        <button
          type="button"
          class="danger"
          disabled={deed.isUnderWay}
          onClick={() =>
            deed.begin(async () => {
              await perform();
              onClose();
            })
          }
        >
          {deed.isUnderWay ? 'Under way …' : action}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}
