import { Navigation } from './navigation.js';
import type { Route } from './route.js';
import { ThemeSwitch } from './theme-switch.js';

interface PageHeadProps {
  readonly page: Route['page'];
  /** The member that serves the page; undefined until it is known. */
  readonly seenFrom: string | undefined;
  readonly user: string | undefined;
  /** The user whom the certificate of the browser names, where nobody has logged in. */
  readonly named: string | undefined;
  /** Undefined where nobody is asked for a name, or is asked already. */
  readonly onLogIn: (() => void) | undefined;
  readonly onLogOut: () => void;
}

export function PageHead({ page, seenFrom, user, named, onLogIn, onLogOut }: PageHeadProps) {
  return (
    <header class="top">
      <span class="brand">Conclave</span>
      <Navigation current={page} />
      <span class="seen-from">{seenFrom !== undefined && <>as seen from {seenFrom}</>}</span>
      {named !== undefined && <span>{named}, by certificate</span>}
      {user !== undefined && (
        <button type="button" onClick={onLogOut}>
          Log out {user}
        </button>
      )}
      {onLogIn !== undefined && (
        <button type="button" onClick={onLogIn}>
          Log in
        </button>
      )}
      <ThemeSwitch />
    </header>
  );
}
