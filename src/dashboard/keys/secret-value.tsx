import { useState } from 'preact/hooks';
import { CopyButton } from '../components/copy-button.js';
import { looksSecret } from './secret.js';
import { ValueView } from './value-view.js';

interface SecretValueProps {
  readonly path: string;
  readonly value: string;
}

/** A value; that of a key whose name looks like a secret only when it is asked for. */
export function SecretValue({ path, value }: SecretValueProps) {
  const [isAskedFor, setAskedFor] = useState(false);
  if (isAskedFor || !looksSecret(path)) return <ValueView value={value} />;
  return (
    <section aria-label="Value">
      <h3>Value</h3>
      <p class="section-note">Not shown, since the name of the key looks like that of a secret.</p>
      <div class="buttons">
        <button type="button" onClick={() => setAskedFor(true)}>
          Show the value
        </button>
        <CopyButton what="the value" label="Copy" text={value} />
      </div>
    </section>
  );
}
