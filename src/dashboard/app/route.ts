import { useEffect, useState } from 'preact/hooks';

export type PageName = 'overview' | 'keys' | 'locks' | 'elections';

/** The open page, its subject, and what is selected: the part of the address after "#". */
export interface Route {
  readonly page: PageName;
  /** The open folder, or the name of the open lock; empty for none. */
  readonly subject: string;
  /** The selected key, from the root. */
  readonly selected: string | undefined;
}

export const pageNames: readonly PageName[] = ['overview', 'keys', 'locks', 'elections'];

/** Told beside "hashchange", which comes later: two keys may be pressed before it. */
const routeEvent = 'conclave-route';

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?');
  const [first = '', ...rest] = path.split('/');
  const page = pageNames.find((name) => name === first) ?? 'overview';
  const selected = new URLSearchParams(query).get('key') ?? undefined;
  return { page, subject: rest.map(unescaped).join('/'), selected };
}

export function routeHash({ page, subject, selected }: Partial<Route> & Pick<Route, 'page'>) {
  const path = escaped(subject ?? '');
  const query = selected === undefined ? '' : `?key=${escaped(selected)}`;
  return (path === '' ? `#/${page}` : `#/${page}/${path}`) + query;
}

/**
 * Goes to another part of the page. A new entry in the history of the browser is for what a person
 * opened; moving on with the keyboard replaces it.
 */
export function goTo(route: Partial<Route> & Pick<Route, 'page'>, entry: 'new' | 'same'): void {
  if (entry === 'new') history.pushState(null, '', routeHash(route));
  else history.replaceState(null, '', routeHash(route));
  dispatchEvent(new Event(routeEvent));
}

function escaped(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** Undecodable text is taken as it is: somebody may have typed the address. */
function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => parseRoute(location.hash));
  useEffect(() => {
    const onChange = () => setRoute(parseRoute(location.hash));
    const events = ['hashchange', 'popstate', routeEvent];
    for (const event of events) addEventListener(event, onChange);
    return () => {
      for (const event of events) removeEventListener(event, onChange);
    };
  }, []);
  return route;
}
