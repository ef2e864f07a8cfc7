import type { LockRight, Right } from '../../command/right.js';
import type { ApiRequest } from '../server/api-request.js';
import { nameOf } from './module-parameters.js';
import { namesAll } from './name-list.js';

/** What a request about a lock or an election needs, or one for the list of them. */
export function lockRights(space: LockRight['space'], request: ApiRequest): readonly Right[] {
  const action = actionOf(request);
  if (action === 'read' && namesAll(request)) {
    const name = request.parameters.get('prefix') ?? '';
    return [{ type: 'lock', space, action, name, recursive: true }];
  }
  return [{ type: 'lock', space, action, name: nameOf(request), recursive: false }];
}

function actionOf({ method }: ApiRequest): LockRight['action'] {
  if (method === 'GET' || method === 'HEAD') return 'read';
  return method === 'DELETE' ? 'release' : 'acquire';
}
