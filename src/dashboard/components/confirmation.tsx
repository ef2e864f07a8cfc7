import type { ComponentChildren } from 'preact';
import { CopyButton } from './copy-button.js';
import { Dialog } from './dialog.js';
import { FailureNote, useAction } from './use-action.js';

interface ConfirmationProps {
  readonly title: string;
  /** The text of the button: what it does. */
  readonly label: string;
  readonly perform: () => Promise<void>;
  /** The line for a shell that does the same. */
  readonly curl: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Asks before a destructive action. */
export function Confirmation({
  title,
  label,
  perform,
  curl,
  onClose,
  children,
}: ConfirmationProps) {
  const action = useAction();
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <FailureNote failure={action.failure} />
      <div class="buttons">
        <button
          type="button"
          class="danger"
          disabled={action.isUnderWay}
          onClick={() =>
            action.begin(async () => {
              await perform();
              onClose();
            })
          }
        >
          {action.isUnderWay ? 'Under way …' : label}
        </button>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <CopyButton label="Copy curl" text={curl} />
      </div>
    </Dialog>
  );
}
