/** The folder that holds the key; the root holds itself. */
export function parentOf(key: string): string {
  return key.slice(0, Math.max(1, key.lastIndexOf('/')));
}

export function nameOfKey(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

/** As the members write it: one slash in front, none at the end, none twice. */
export function cleanKey(path: string): string {
  return `/${path.split('/').filter(Boolean).join('/')}`;
}

/** The folders on the way to the path, from the root on, the path itself last. */
export function ancestorsOf(path: string): readonly string[] {
  const parts = path.split('/').filter(Boolean);
  return ['/', ...parts.map((_, at) => `/${parts.slice(0, at + 1).join('/')}`)];
}

/** Names with a leading underscore are left out of listings. */
export function isHidden(key: string): boolean {
  return nameOfKey(key).startsWith('_');
}
