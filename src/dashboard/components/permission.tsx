import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { type Caller, type Right, refusalOf } from '../api/rights.js';

/** Undefined until the member has said it: then nothing is held back, and the member decides. */
export const CallerContext = createContext<Caller | undefined>(undefined);

/** Why the user of the page may not; undefined when nothing speaks against it. */
export function useRefusal(right: Right): string | undefined {
  const caller = useContext(CallerContext);
  return caller && refusalOf(caller, right);
}

interface GuardedButtonProps {
  readonly needs: Right;
  readonly class?: string;
  /** Where the text of the button does not say of what. */
  readonly label?: string;
  readonly title?: string;
  readonly isUnderWay?: boolean;
  readonly onClick: () => void;
  readonly children: string;
}

/** A button that is disabled, with the reason, where its user may not do what it does. */
export function GuardedButton(props: GuardedButtonProps) {
  const { needs, label, title, isUnderWay, onClick, children } = props;
  const refusal = useRefusal(needs);
  return (
    <button
      type="button"
      class={props.class}
      aria-label={label}
      title={refusal ?? title}
      disabled={refusal !== undefined || isUnderWay === true}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

/** The reason once for all buttons of a part: a finger cannot ask a button for its title. */
export function RefusalNote({ needs }: { readonly needs: Right }) {
  const refusal = useRefusal(needs);
  return refusal === undefined ? null : <p class="section-note">{refusal}</p>;
}
