import type { LockRight, Right } from '../../command/right.js';
import type { ApiRequest, RequestHead } from '../server/api-request.js';
import { nameOf } from './module-parameters.js';
import { namesAll } from './name-list.js';

/** What a request about a lock or an election needs, or one for the list of them. */
export function lockRights(space: LockRight['space'], request: ApiRequest): readonly Right[] {
  if (!isList(request)) return nameRights(space, request);
  const name = request.parameters.get('prefix') ?? '';
  return [{ type: 'lock', space, action: 'read', name, recursive: true }];
}

/** What it needs whatever its parameters are: of a list, they tell which names it has. */
export function headLockRights(space: LockRight['space'], head: RequestHead): readonly Right[] {
  return isList(head) ? [{ type: 'client' }] : nameRights(space, head);
}

function isList(head: RequestHead): boolean {
  return actionOf(head) === 'read' && namesAll(head);
}

function nameRights(space: LockRight['space'], head: RequestHead): readonly Right[] {
  const name = nameOf(head);
  return [{ type: 'lock', space, action: actionOf(head), name, recursive: false }];
}

function actionOf({ method }: RequestHead): LockRight['action'] {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return method === 'DELETE' ? 'release' : 'acquire';
}
