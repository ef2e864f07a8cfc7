import { isEmpty, noPermissions, type Permissions } from '../../command/permissions.js';
import { failure, ok, type Result } from '../../result.js';
import type { RoleView } from '../../view/auth-view.js';

/** Where each kind of pattern stands in JSON. Of them, etcd has `kv`. */
const places = {
  keyRead: ['kv', 'read'],
  keyWrite: ['kv', 'write'],
  lockAcquire: ['lock', 'acquire'],
  lockRelease: ['lock', 'release'],
  lockRead: ['lock', 'read'],
  electionAcquire: ['election', 'acquire'],
  electionRelease: ['election', 'release'],
  electionRead: ['election', 'read'],
} as const satisfies Readonly<Record<Exclude<keyof Permissions, 'admin'>, readonly string[]>>;

export function roleJson({ name, permissions }: RoleView): object {
  return { role: name, permissions: permissionsJson(permissions) };
}

/** Of a role with keys alone it is etcd's. As there, a role without patterns has null. */
function permissionsJson(permissions: Permissions): object {
  const { keyRead: read, keyWrite: write, admin } = permissions;
  const isNew = isEmpty(permissions);
  return {
    kv: isNew ? { read: null, write: null } : { read, write },
    ...module('lock', permissions.lockAcquire, permissions.lockRelease, permissions.lockRead),
    ...module(
      'election',
      permissions.electionAcquire,
      permissions.electionRelease,
      permissions.electionRead,
    ),
    ...(admin.length === 0 ? {} : { admin }),
  };
}

function module(
  name: string,
  acquire: readonly string[],
  release: readonly string[],
  read: readonly string[],
): object {
  const isNone = acquire.length === 0 && release.length === 0 && read.length === 0;
  return isNone ? {} : { [name]: { acquire, release, read } };
}

/** What is not there permits nothing. What nobody knows is refused: it may be a slip. */
export function parsePermissions(json: unknown): Result<Permissions, string> {
  if (json === undefined || json === null) return ok(noPermissions);
  if (!isObject(json)) return failure('permissions are an object');
  const { admin, ...groups } = json;
  const known = new Map<string, readonly string[]>();
  for (const [group, value] of Object.entries(groups)) {
    if (value === null) continue;
    if (!isObject(value)) return failure(`${group} is an object`);
    for (const [action, list] of Object.entries(value)) {
      const patterns = textsOf(list);
      if (patterns === undefined) return failure(`${group}.${action} is a list of patterns`);
      known.set(`${group}.${action}`, patterns);
    }
  }
  const kinds = textsOf(admin);
  if (kinds === undefined) return failure('admin is a list of kinds of administration');
  const permissions = { ...noPermissions, ...taken(known), admin: kinds };
  const [strange] = known.keys();
  return strange === undefined ? ok(permissions) : failure(`there is no permission ${strange}`);
}

/** Takes the known ones out of the map. */
function taken(known: Map<string, readonly string[]>): Partial<Permissions> {
  const found = Object.entries(places).map(([name, [group, action]]) => {
    const key = `${group}.${action}`;
    const patterns = known.get(key) ?? [];
    known.delete(key);
    return [name, patterns] as const;
  });
  return Object.fromEntries(found);
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Empty when there is none; undefined for anything but a list of texts. */
export function textsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  return value.every((each) => typeof each === 'string') ? value : undefined;
}
