import type { ComponentChildren } from 'preact';
import { type Action, FailureNote } from './use-action.js';

interface ActionFormProps {
  readonly action: Action;
  readonly perform: () => Promise<void>;
  /** The button's word: what will be done. */
  readonly label: string;
  /** What was entered can be sent. */
  readonly isReady: boolean;
  readonly onCancel: () => void;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** Fields, what went wrong with them, and the two ways out. */
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
