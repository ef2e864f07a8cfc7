/** The path of a name, or of a key, below a route. */
function pathOf(route: string, name: string): string {
  const parts = name.split('/');
  if (parts.some((part) => part === '.' || part === '..')) {
    throw new TypeError(`"${name}" must not have "." or ".." between slashes: a URL cannot say so`);
  }
  return `${route}/${parts.map(encodeURIComponent).join('/')}`;
}

export function lockPathOf(route: string, name: string): string {
  if (name === '') throw new TypeError('a lock or an election needs a name');
  return pathOf(route, name);
}

/** A key has no empty parts: the API redirects from such a path to the one without. */
export function keyPathOf(key: string): string {
  const clean = key.split('/').filter((part) => part !== '');
  return pathOf('/v2/keys', clean.join('/'));
}
