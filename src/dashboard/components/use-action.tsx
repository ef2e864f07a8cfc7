import { useState } from 'preact/hooks';
import { type Failure, failureOf, sentenceOf } from '../api/failure.js';

/** A request that changes the cluster, from the press of a button to its end. */
export interface Action {
  readonly isUnderWay: boolean;
  readonly failure: Failure | undefined;
  readonly begin: (perform: () => Promise<void>) => void;
}

export function useAction(): Action {
  const [isUnderWay, setUnderWay] = useState(false);
  const [failure, setFailure] = useState<Failure | undefined>(undefined);
  const run = async (perform: () => Promise<void>) => {
    setUnderWay(true);
    setFailure(undefined);
    try {
      await perform();
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setUnderWay(false);
    }
  };
  return { isUnderWay, failure, begin: (perform) => void run(perform) };
}

export function FailureNote({ failure }: { readonly failure: Failure | undefined }) {
  if (failure === undefined) return null;
  const effect =
    failure.type === 'unreachable'
      ? ' It may have taken effect all the same: look before you try again.'
      : '';
  return (
    <p class="state-note failed" role="alert">
      {sentenceOf(failure)}
      {effect}
    </p>
  );
}
