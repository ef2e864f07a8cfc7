import type { Fence } from '../../command/fence.js';
import { noFences } from '../../command/fence.js';
import type { LockSpace } from '../../command/lock-path.js';
import { lockName } from '../../lock/lock-name.js';
import { ApiError } from '../../service/api-error.js';
import { decimalParameter } from '../parameters.js';
import type { Parameters } from '../server/form.js';

/** The locks and elections that the client must hold for its write to take effect. */
export function fencesOf(method: string, parameters: Parameters): readonly Fence[] {
  const lock = fenceOf('lock', parameters);
  const leader = fenceOf('leader', parameters);
  if (lock === undefined && leader === undefined) return noFences;
  if (method === 'GET' || method === 'HEAD') {
    throw new ApiError('invalidField', 'only a write can ask for a lock or a leader');
  }
  return [lock, leader].filter((fence) => fence !== undefined);
}

function fenceOf(space: LockSpace, parameters: Parameters): Fence | undefined {
  const indexField = `${space}Index`;
  const spelled = parameters.get(space);
  const index = decimalParameter(
    parameters,
    indexField,
    'indexNaN',
    `${indexField} must be a plain decimal number`,
  );
  if (spelled === undefined && index === undefined) return undefined;
  if (spelled === undefined || index === undefined) {
    throw new ApiError('invalidField', `${space} and ${indexField} go together: give both or none`);
  }
  const name = lockName(spelled.split('/'));
  if (!name.ok) throw new ApiError('invalidField', `${space}: ${name.error}`);
  return { space, name: name.value, index };
}
