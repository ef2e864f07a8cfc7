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

/** All ancestors from the root on, and the path itself last. */
export function ancestorsOf(path: string): readonly string[] {
  const parts = path.split('/').filter(Boolean);
  return ['/', ...parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`)];
}
