import { posix } from 'node:path';
import { type Source, withoutComments } from './source.js';

/** Everybody may use these, but for the client, which is packed without them. */
const foundation = [
  'assert',
  'file-fault',
  'histogram',
  'ids',
  'logger',
  'result',
  'suggestion',
  'version',
];

/** What the folders above a running member may know of it. */
const memberApi = ['member/coordinator', 'member/measurements', 'member/clock', 'view'];

/** What every part of the state may use. */
const stateCommon = ['view', 'command', 'encoding'];

/** What the APIs share. */
const httpCommon = [
  'http/error-json',
  'http/parameters',
  'http/quote',
  'http/replies',
  'http/server',
];

/**
 * The imports that are allowed. A name is a folder of src/, or a module; a file belongs to the
 * innermost name that contains it. An import that is not listed is refused, and so is a file
 * without an entry.
 */
export const arrows: Readonly<Record<string, Arrow>> = {
  assert: { to: [], packages: [] },
  'file-fault': { to: [], packages: [] },
  histogram: { to: [], packages: [] },
  ids: { to: [], packages: [] },
  logger: { to: [], packages: [] },
  result: { to: [], packages: [] },
  suggestion: { to: [], packages: [] },
  version: { to: [], packages: ['node:'] },
  descriptors: { to: [], packages: ['node:'] },
  tls: { to: [], packages: ['node:'] },
  raft: { to: [], packages: [] },
  encoding: { to: [], packages: ['protobufjs/minimal.js'] },
  command: { to: ['encoding'], packages: [] },
  view: { to: ['raft', 'command'], packages: [] },
  'store/part': { to: ['store/sessions/session', ...stateCommon], packages: [] },
  'store/events': { to: ['store/part', ...stateCommon], packages: [] },
  'store/sessions': { to: ['store/events', 'store/part', ...stateCommon], packages: [] },
  'store/cluster': {
    to: ['store/sessions', 'store/events', 'store/part', ...stateCommon],
    packages: [],
  },
  'store/auth': {
    to: ['store/sessions', 'store/events', 'store/part', ...stateCommon],
    packages: [],
  },
  'store/keys': {
    to: ['store/sessions', 'store/events', 'store/part', ...stateCommon],
    packages: [],
  },
  'store/locks': {
    to: ['store/keys', 'store/sessions', 'store/events', 'store/part', ...stateCommon],
    packages: [],
  },
  'store/time': {
    to: [
      'store/locks',
      'store/keys',
      'store/sessions',
      'store/events',
      'store/part',
      ...stateCommon,
    ],
    packages: [],
  },
  'store/snapshot': {
    to: [
      ...['store/locks', 'store/keys', 'store/sessions', 'store/events', 'store/part'],
      ...['store/state-parts', ...stateCommon],
    ],
    packages: [],
  },
  store: { to: stateCommon, packages: [] },
  records: { to: ['raft', 'encoding'], packages: [] },
  storage: { to: ['descriptors', 'raft', 'encoding', 'records'], packages: ['level', 'node:'] },
  transport: {
    to: ['descriptors', 'tls', 'view', 'raft', 'encoding', 'records'],
    packages: ['@grpc/grpc-js', 'node:'],
  },
  backup: {
    to: ['storage', 'store', 'raft', 'encoding', 'records', 'view', 'command'],
    packages: ['node:'],
  },
  member: {
    to: [
      ...['backup', 'raft', 'records', 'storage', 'transport', 'store', 'view', 'command'],
      'encoding',
    ],
    packages: ['node:'],
  },
  lock: { to: [...memberApi, 'command'], packages: [] },
  service: {
    to: ['lock', ...memberApi, 'member/paced-log', 'command', 'tls/client-certificate'],
    packages: ['node:'],
  },
  metrics: { to: ['service', ...memberApi, 'command'], packages: ['prom-client', 'node:'] },
  // It runs anywhere, and is a package of its own.
  client: { to: [], packages: [] },
  // It runs in a browser and knows nothing of the server but its public API.
  dashboard: { to: [], packages: ['preact', 'preact/hooks', 'uplot', 'uplot/dist/uPlot.min.css'] },
  'http/server': {
    to: ['service', 'lock/right-lost', 'member/clock', 'command', 'tls/client-certificate'],
    packages: ['node:'],
  },
  'http/access': {
    to: [...httpCommon, 'http/keys', 'http/modules', 'service', ...memberApi, 'command'],
    packages: ['node:'],
  },
  'http/keys': { to: [...httpCommon, 'service', 'lock', ...memberApi, 'command'], packages: [] },
  'http/modules': {
    to: [...httpCommon, 'service', 'lock', ...memberApi, 'command'],
    packages: [],
  },
  'http/cluster': {
    to: [...httpCommon, 'service', ...memberApi, 'command'],
    packages: ['node:'],
  },
  'http/dashboard': { to: ['http/server'], packages: ['node:'] },
  http: {
    to: ['service', 'lock', ...memberApi, 'command'],
    packages: ['koa', '@koa/router', 'node:'],
  },
  config: { to: ['config', 'tls/tls-files'], packages: ['zod', 'yaml', 'node:'] },
  bootstrap: {
    to: ['config', 'member/membership', 'transport', 'tls', 'storage', 'records', 'raft'],
    packages: ['node:'],
  },
  heap: { to: [], packages: ['node:'] },
  server: {
    to: [
      ...['bootstrap', 'heap', 'descriptors', 'tls', 'config', 'http', 'metrics', 'service'],
      ...['lock', 'member'],
      ...['transport', 'storage', 'store', 'view', 'command', 'encoding', 'raft'],
    ],
    packages: ['node:'],
  },
  cli: {
    to: ['config', 'client', 'backup', 'storage/storage-error', 'tls/secure-fetch'],
    packages: ['commander', 'pino', 'node:'],
  },
  main: { to: ['cli', 'server', 'descriptors'], packages: ['node:'] },
};

interface Arrow {
  readonly to: readonly string[];
  /** `node:` stands for all that Node brings. */
  readonly packages: readonly string[];
}

export interface Import {
  readonly specifier: string;
  /** The path of the imported file of this project; undefined for a package. */
  readonly target: string | undefined;
}

export function importsOf({ path, text }: Source): readonly Import[] {
  const pattern =
    /(?<!['"])\b(?:(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]|import\s*\(?\s*['"]([^'"]+)['"])/g;
  return [...withoutComments(text).matchAll(pattern)].map((match) => {
    const specifier = match[1] ?? match[2] ?? '';
    const target = specifier.startsWith('.')
      ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')
      : undefined;
    return { specifier, target };
  });
}

/** One line for each import that the table does not allow. */
export function forbiddenImports(sources: readonly Source[]): readonly string[] {
  return sources.flatMap((source) => {
    const part = partOf(source.path);
    const arrow = arrows[part];
    if (arrow === undefined) return [`${source.path}: ${part} is not in the table of arrows`];
    return importsOf(source)
      .filter((imported) => !isAllowed(part, arrow, imported))
      .map(({ specifier }) => `${source.path} must not import ${specifier}`);
  });
}

function isAllowed(part: string, { to, packages }: Arrow, { specifier, target }: Import): boolean {
  if (target === undefined) {
    return packages.some((name) =>
      name === 'node:' ? specifier.startsWith(name) : specifier === name,
    );
  }
  const targetModule = moduleOf(target);
  const common = part === 'client' ? [] : foundation;
  return [part, ...common, ...to].some((name) => isWithin(targetModule, name));
}

function isWithin(module: string, name: string): boolean {
  return module === name || module.startsWith(`${name}/`);
}

/** The innermost name in the table that contains the file. */
function partOf(path: string): string {
  const module = moduleOf(path);
  const names = Object.keys(arrows).filter((name) => isWithin(module, name));
  return names.sort((one, other) => other.length - one.length)[0] ?? module.replace(/\/.*$/, '');
}

function moduleOf(path: string): string {
  return path.replace(/^src\//, '').replace(/\.tsx?$/, '');
}

/**
 * One line for each cycle of imports, in the order in which it goes round. An import of types
 * counts as well: two files that name each other's types are one thing, and stand in one file.
 */
export function cycles(sources: readonly Source[]): readonly string[] {
  const targets = new Map(
    sources.map((source) => {
      // A specifier does not say whether its file holds JSX.
      return [
        source.path.replace(/x$/, ''),
        importsOf(source).flatMap(({ target }) => target ?? []),
      ];
    }),
  );
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) found.push([...trail.slice(at), path].join(' -> '));
    if (at >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return found;
}
