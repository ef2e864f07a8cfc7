import type { KeyCommand } from '../../command/keys.js';
import type { KeyRequest } from './key-request.js';

/** The command of a PUT depends on its conditions (etcd v2, "Atomic Compare-and-Swap"). */
export function putCommand(request: KeyRequest): KeyCommand {
  const { path, fences, value, dir, ttlMs, refresh, prevExist, prevIndex, prevValue } = request;
  if (prevExist === false) return { type: 'create', path, fences, value, dir, ttlMs };
  if (prevIndex !== undefined || prevValue !== undefined) {
    return { type: 'compareAndSwap', path, fences, value, ttlMs, refresh, prevIndex, prevValue };
  }
  if (prevExist === true) return { type: 'update', path, fences, value, ttlMs, refresh };
  return { type: 'set', path, fences, value, dir, ttlMs, refresh };
}

export function postCommand({ path, fences, value, dir, ttlMs }: KeyRequest): KeyCommand {
  return { type: 'createInOrder', path, fences, value, dir, ttlMs };
}

export function deleteCommand(request: KeyRequest): KeyCommand {
  const { path, fences, prevIndex, prevValue } = request;
  if (prevIndex !== undefined || prevValue !== undefined) {
    return { type: 'compareAndDelete', path, fences, prevIndex, prevValue };
  }
  const { dir, recursive } = request;
  return { type: 'delete', path, fences, dir, recursive };
}
