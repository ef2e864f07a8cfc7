import { useState } from 'preact/hooks';
import { assertNever } from '../../assert.js';
import { goTo, routeHash } from '../app/route.js';
import { GuardedButton } from '../components/permission.js';
import { ancestorsOf, cleanKey, nameOfKey, pathProblem } from './key-path.js';
import type { WatchState } from './key-tree-store.js';

interface FolderBarProps {
  readonly folder: string;
  readonly watch: WatchState;
  readonly hidden: boolean;
  readonly onHidden: (hidden: boolean) => void;
  readonly onCreate: () => void;
}

/** The path of the open folder, and the field that goes to another. */
export function FolderBar({ folder, watch, hidden, onHidden, onCreate }: FolderBarProps) {
  const [target, setTarget] = useState('');
  const problem = pathProblem(target);
  return (
    <div class="folder-bar">
      <nav aria-label="Open folder">
        <ol class="crumbs mono">
          {ancestorsOf(folder).map((path) => (
            <li key={path}>
              <a
                href={routeHash({ page: 'keys', subject: path.slice(1) })}
                aria-current={path === folder ? 'location' : undefined}
              >
                {path === '/' ? '/' : `${nameOfKey(path)}/`}
              </a>
            </li>
          ))}
        </ol>
      </nav>
      <WatchNote watch={watch} hidden={hidden} />
      <form
        class="go-to"
        onSubmit={(event) => {
          event.preventDefault();
          if (problem !== undefined) return;
          goTo({ page: 'keys', subject: cleanKey(target.trim()).slice(1) }, 'new');
          setTarget('');
        }}
      >
        <label class="visually-hidden" for="go-to-path">
          Go to a path
        </label>
        <input
          id="go-to-path"
          class="mono"
          type="text"
          placeholder="/path/to/key"
          value={target}
          onInput={({ currentTarget }) => setTarget(currentTarget.value)}
        />
        <button type="submit">Go</button>
        {problem !== undefined && (
          <span class="go-to-problem" role="alert">
            {problem}
          </span>
        )}
      </form>
      <label class="choice">
        <input
          type="checkbox"
          checked={hidden}
          onChange={({ currentTarget }) => onHidden(currentTarget.checked)}
        />
        Hidden keys
      </label>
      <GuardedButton needs={{ type: 'writeSome' }} onClick={onCreate}>
        New key
      </GuardedButton>
    </div>
  );
}

function WatchNote({ watch, hidden }: { readonly watch: WatchState; readonly hidden: boolean }) {
  return (
    <span class={`watch ${watch.type}`} role="status">
      {watchText(watch, hidden)}
    </span>
  );
}

function watchText(watch: WatchState, hidden: boolean): string {
  switch (watch.type) {
    case 'connecting':
      return '… Connecting';
    case 'live':
      return hidden ? '● Live; hidden keys every 3 s' : '● Live';
    case 'missing':
      return '○ No such folder: it is shown as soon as somebody creates it';
    case 'broken':
      return '✕ Not live: what you see may be old. Reconnecting …';
    default:
      return assertNever(watch);
  }
}
