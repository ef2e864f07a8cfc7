import { useEffect, useState } from 'preact/hooks';

export type PageName = 'overview' | 'keys' | 'locks' | 'elections';

/** The open page and its subject: the part of the address after "#". */
export interface Route {
  readonly page: PageName;
  /** The open folder, or the name of the open lock; empty for none. */
  readonly subject: string;
}

export const pageNames: readonly PageName[] = ['overview', 'keys', 'locks', 'elections'];

function parseRoute(hash: string): Route {
  const [first = '', ...rest] = hash.replace(/^#?\/?/, '').split('/');
  const page = pageNames.find((name) => name === first) ?? 'overview';
  return { page, subject: rest.map(unescaped).join('/') };
}

export function routeHash({ page, subject }: Route): string {
  const path = subject.split('/').map(encodeURIComponent).join('/');
  return path === '' ? `#/${page}` : `#/${page}/${path}`;
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
    addEventListener('hashchange', onChange);
    return () => removeEventListener('hashchange', onChange);
  }, []);
  return route;
}
