import { field } from '../encoding/field.js';
import { optional, text, uint } from '../encoding/kinds.js';
import { type RecordOf, recordFormat } from '../encoding/record-format.js';

/**
 * Who asks for a command or a read: a user who has proved it at the member that took the request.
 * Whoever proves nothing has no identity, and may do what the guest role permits.
 */
export type Identity = RecordOf<typeof identityFormat>;
export const identityFormat = recordFormat('an identity', {
  name: field(1, text),
  /**
   * `User.revision` at the time of the proof. A user whose password has changed since, or who was
   * deleted and made anew, has another one. Undefined where a certificate names the user, which
   * says nothing of a password: it proves a name, to whomever that belongs by then.
   */
  revision: field(2, optional(uint)),
});

export function isByCertificate({ revision }: Identity): boolean {
  return revision === undefined;
}
