import { Fields } from './fields.js';
import { ask } from './request.js';
import type { Caller, Role } from './rights.js';

/** @throws {ApiError} with status 401 when the member wants to know who asks. */
export async function readCaller(signal: AbortSignal): Promise<Caller> {
  const { body } = await ask({ method: 'GET', path: 'v2/auth/self', signal });
  const fields = new Fields(body, 'who asks');
  return {
    isAsked: fields.flag('enabled'),
    user: fields.optionalText('user'),
    isByCertificate: fields.optionalText('by') === 'certificate',
    roles: fields.list('roles', roleOf),
  };
}

function roleOf(fields: Fields): Role {
  const permissions = fields.object('permissions');
  return {
    name: fields.text('role'),
    keyWrite: permissions.optionalObject('kv')?.texts('write') ?? [],
    lockRelease: permissions.optionalObject('lock')?.texts('release') ?? [],
    electionRelease: permissions.optionalObject('election')?.texts('release') ?? [],
    admin: permissions.texts('admin'),
  };
}
