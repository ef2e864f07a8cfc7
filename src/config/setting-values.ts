import { z } from 'zod';
import { type HttpAddress, parseHttpAddress } from './http-address.js';

/** NAME=URL of --initial-cluster. */
export interface NamedAddress {
  readonly name: string;
  readonly address: HttpAddress;
}

const nameLengthMax = 128;

function isName(text: string): boolean {
  return text.length <= nameLengthMax && /^[^\s=,/\p{C}]+$/u.test(text);
}

/** Each of these takes the text of a setting and returns its checked value. */
export const name = z
  .string()
  .refine(
    isName,
    `must be 1 to ${nameLengthMax} characters, none of them a blank, comma, slash or equals sign`,
  );

export function wholeNumber(least: number, most: number, unit: string) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `must be a whole number of ${unit} from ${least} to ${most}`,
    )
    .transform(Number);
}

export function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

/** etcd's `panic` is more than anything that is logged, as `fatal` is. */
export const logLevel = oneOf('debug', 'info', 'warn', 'error', 'fatal', 'panic').transform(
  (level) => (level === 'panic' ? 'fatal' : level),
);

export const addressesOrNone = z.string().transform((text, context): readonly HttpAddress[] => {
  const found: HttpAddress[] = [];
  for (const part of parts(text)) {
    const address = parseHttpAddress(part);
    if (!address.ok) return refuse(context, `is wrong: ${address.error}`);
    found.push(address.value);
  }
  return found;
});

export const addresses = addressesOrNone.transform((found, context): readonly HttpAddress[] => {
  if (found.length === 0) return refuse(context, 'must name at least one URL');
  return found;
});

export const oneAddress = addresses.transform((found, context): HttpAddress => {
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) {
    return refuse(context, 'must be exactly one URL: a member has one peer address');
  }
  return first;
});

export const membersOrNone = z.string().transform((text, context): readonly NamedAddress[] => {
  const members: NamedAddress[] = [];
  for (const part of parts(text)) {
    const at = part.indexOf('=');
    const memberName = part.slice(0, Math.max(at, 0));
    if (!isName(memberName))
      return refuse(context, `is wrong: "${part}" is not of the form NAME=URL`);
    const parsed = parseHttpAddress(part.slice(at + 1));
    if (!parsed.ok) return refuse(context, `is wrong: ${parsed.error}`);
    const address = parsed.value;
    if (members.some((member) => member.name === memberName)) {
      return refuse(context, `names "${memberName}" twice: a member has one peer address`);
    }
    const same = members.find((member) => member.address.url === address.url);
    if (same !== undefined) {
      return refuse(context, `gives "${same.name}" and "${memberName}" the same URL`);
    }
    members.push({ name: memberName, address });
  }
  return members;
});

export const cluster = membersOrNone.refine(
  (members) => members.length > 0,
  'must name at least this member',
);

/** The words for booleans are those of Go. */
export const switched = z.string().transform((text, context): boolean => {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return false;
  return refuse(context, 'must be true or false');
});

export const tlsVersion = oneOf('TLS1.2', 'TLS1.3').transform((version) =>
  version === 'TLS1.3' ? 'TLSv1.3' : 'TLSv1.2',
);

/** A start script may say that there is none. */
export const textOrNone = z.string().transform((text) => (text === '' ? undefined : text));

export const notEmpty = z.string().min(1, 'must not be empty');

export const origins = z.string().transform((text, context): readonly string[] => {
  const found = parts(text);
  const bad = found.find((origin) => origin !== '*' && !isOrigin(origin));
  if (bad !== undefined)
    return refuse(context, `is wrong: "${bad}" is not an origin like http://host:port`);
  return found;
});

export const hosts = z.string().transform((text, context): readonly string[] => {
  const found = parts(text);
  const bad = found.find((host) => !/^(\*|[\w.-]+|\[[\da-f:.]+\])$/i.test(host));
  if (bad !== undefined)
    return refuse(context, `is wrong: "${bad}" is not a host name or address without a port`);
  if (found.length === 0) return refuse(context, 'must name at least one host, or be *');
  return found;
});

function parts(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function refuse(context: z.RefinementCtx, message: string): never {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
}
