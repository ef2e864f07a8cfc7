import { useState } from 'preact/hooks';
import { readCaller } from '../api/caller.js';
import { logIn, logOut } from '../api/session.js';
import { ActionForm } from '../components/action-form.js';
import { useAction } from '../components/use-action.js';

interface LogInProps {
  readonly onDone: (user: string) => void;
  /** Who is served without a name goes back to that. */
  readonly onCancel: () => void;
}

/**
 * Shown when the member refuses what the page asks. A browser's own dialogue would keep the name.
 */
export function LogIn({ onDone, onCancel }: LogInProps) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const action = useAction();
  const perform = async () => {
    logIn(user, password);
    try {
      await readCaller(new AbortController().signal);
      onDone(user);
    } catch (error) {
      logOut();
      throw error;
    }
  };
  return (
    <section class="log-in">
      <p>This cluster asks who you are.</p>
      <ActionForm
        action={action}
        perform={perform}
        label="Log in"
        isReady={user !== ''}
        onCancel={() => {
          setUser('');
          setPassword('');
          onCancel();
        }}
      >
        <label>
          Name
          <input
            autocomplete="username"
            value={user}
            onInput={(event) => setUser(event.currentTarget.value)}
          />
        </label>
        <label>
          Password
          <input
            type="password"
            autocomplete="current-password"
            value={password}
            onInput={(event) => setPassword(event.currentTarget.value)}
          />
        </label>
      </ActionForm>
    </section>
  );
}
