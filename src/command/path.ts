/** Deeper paths are refused, so that the tree can be walked by recursion. */
export const pathDepthMax = 256;

/** In UTF-16 units. */
export const pathLengthMax = 65_536;

const slash = 47;
const dot = 46;

/**
 * As Go's `path.Clean(path.Join("/", path))`, which etcd uses: rooted, no empty or dotted segments.
 */
export function cleanPath(path: string): string {
  if (isCleanPath(path)) return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}

/**
 * Whether {@link cleanPath} would change nothing. Written for speed, since every command calls it.
 */
export function isCleanPath(path: string): boolean {
  const { length } = path;
  if (length === 0 || path.charCodeAt(0) !== slash) return false;
  if (length === 1) return true;
  let start = 1;
  for (let i = 1; i <= length; i += 1) {
    if (i < length && path.charCodeAt(i) !== slash) continue;
    if (isDotted(path, start, i)) return false;
    start = i + 1;
  }
  return true;
}

/** Whether the segment is empty, "." or "..". */
function isDotted(path: string, start: number, end: number): boolean {
  if (start === end) return true;
  if (end - start > 2) return false;
  for (let i = start; i < end; i += 1) if (path.charCodeAt(i) !== dot) return false;
  return true;
}

/** The number of segments; zero for the root. */
export function pathDepth(path: string): number {
  if (path === '/') return 0;
  let depth = 0;
  for (let i = 0; i < path.length; i += 1) if (path.charCodeAt(i) === slash) depth += 1;
  return depth;
}

export function joinPath(directory: string, name: string): string {
  return directory === '/' ? `/${name}` : `${directory}/${name}`;
}

/**
 * Whether `keyPath` is hidden from a watcher of `watchPath`: a segment below `watchPath` begins
 * with an underscore. Nothing is hidden from a watcher below the key, to which a directory's
 * removal is told.
 */
export function isHidden(watchPath: string, keyPath: string): boolean {
  if (watchPath.length > keyPath.length) return false;
  const from = watchPath === '/' ? 0 : watchPath.length;
  return keyPath.indexOf('/_', from) >= 0;
}

/** The reason, for the client, why the clean path is refused; undefined when it is valid. */
export function pathProblem(path: string): string | undefined {
  if (path.length > pathLengthMax) return `a path has at most ${pathLengthMax} characters`;
  if (pathDepth(path) > pathDepthMax) return `a path has at most ${pathDepthMax} segments`;
  return undefined;
}
