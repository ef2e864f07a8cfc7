import type { ComponentChildren } from 'preact';
import { type Deed, FailureNote } from './use-deed.js';

interface DeedFormProps {
  readonly deed: Deed;
  readonly perform: () => Promise<void>;
  /** The button's word: what will be done. */
  readonly action: string;
  /** What was entered can be sent. */
  readonly isReady: boolean;
  readonly onCancel: () => void;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** Fields, what went wrong with them, and the two ways out. */
export function DeedForm(props: DeedFormProps) {
  const { deed, perform, action, isReady, onCancel, children } = props;
  return (
    <form
      class={props.class}
      onSubmit={(event) => {
        event.preventDefault();
        deed.begin(perform);
      }}
    >
      {children}
      <FailureNote failure={deed.failure} />
      <div class="buttons">
        <button class="primary" type="submit" disabled={!isReady || deed.isUnderWay}>
          {action}
        </button>
        <button type="button" onClick={onCancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
