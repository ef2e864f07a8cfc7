import type { ComponentChildren } from 'preact';
import { type Action, FailureNote } from './use-action.js';

interface ActionFormProps {
  readonly action: Action;
  readonly perform: () => Promise<void>;
  /** The text of the button: what it does. */
  readonly label: string;
  /** Whether the input can be sent. */
  readonly isReady: boolean;
  readonly onCancel: () => void;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A form with its fields, its error, and its two buttons. */
export function ActionForm(props: ActionFormProps) {
  const { action, perform, label, isReady, onCancel, children } = props;
  return (
    <form
      class={props.class}
      onSubmit={(event) => {
        event.preventDefault();
        action.begin(perform);
      }}
    >
      {children}
      <FailureNote failure={action.failure} />
      <div class="buttons">
        <button class="primary" type="submit" disabled={!isReady || action.isUnderWay}>
          {label}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
