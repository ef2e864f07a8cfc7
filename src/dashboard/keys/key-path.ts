/** The folder of the key; the root's is the root. */
export function parentOf(key: string): string {
  return key.slice(0, Math.max(1, key.lastIndexOf('/')));
}

export function nameOfKey(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** As members write it: a leading slash, no trailing one, none doubled. */
export function cleanKey(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`;
}

/** Why a path cannot be asked for as it was typed; undefined when it can. */
export function pathProblem(path: string): string | undefined {
  const parts = path.trim().replace(/^\//, '').split('/');
  if (parts.some((part) => part === '.' || part === '..')) {
    return 'A path has no "." and no ".." in it: members would leave them out.';
  }
  // A slash at the end is no part: the field of a new key begins with one.
  if (parts.slice(0, -1).some((part) => part === '')) {
    return 'A path has no "//" in it: members would make one slash of it.';
  }
  return undefined;
}

/** All ancestors from the root on, and the path itself last. */
export function ancestorsOf(path: string): readonly string[] {
  const parts = path.split('/').filter(Boolean);
  return ['/', ...parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`)];
}
