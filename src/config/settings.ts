import { z } from 'zod';
import { type HttpAddress, parseHttpAddress } from './http-address.js';

/** One setting: `--key` on the command line, CONCLAVE_KEY in the environment, `key` in the file. */
interface Setting {
  /** The placeholder for the value in the help text. */
  readonly argument: string;
  readonly help: string;
  /** Undefined where the default follows from other settings; `help` says how. */
  readonly fallback?: string;
}

/** etcd's names, so that its documentation applies. */
export const settings: { readonly [Key in keyof typeof settingSchemas]: Setting } = {
  name: {
    argument: '<name>',
    help: "this member's name, unique in the cluster",
    fallback: 'default',
  },
  'data-dir': {
    argument: '<path>',
    help: 'where the member keeps its data (default: NAME.conclave)',
  },
  'listen-client-urls': {
    argument: '<urls>',
    help: 'where it listens for clients',
    fallback: 'http://localhost:4001',
  },
  'advertise-client-urls': {
    argument: '<urls>',
    help: 'where clients reach it (default: where it listens)',
  },
  'listen-peer-urls': {
    argument: '<url>',
    help: 'where it listens for peers',
    fallback: 'http://localhost:7001',
  },
  'initial-advertise-peer-urls': {
    argument: '<url>',
    help: 'where peers reach it (default: as --initial-cluster says, else where it listens)',
  },
  'initial-cluster': {
    argument: '<members>',
    help: 'every member: NAME=URL,NAME=URL,… (default: this one alone)',
  },
  'initial-cluster-state': { argument: '<state>', help: 'new or existing', fallback: 'new' },
  'initial-cluster-token': {
    argument: '<token>',
    help: 'tells apart clusters whose members have equal names',
    fallback: 'conclave-cluster',
  },
  'heartbeat-interval': {
    argument: '<ms>',
    help: 'time between two heartbeats',
    fallback: '100',
  },
  'election-timeout': {
    argument: '<ms>',
    help: 'silence after which a leader is replaced',
    fallback: '1000',
  },
  'snapshot-count': {
    argument: '<entries>',
    help: 'entries between two snapshots, at least',
    fallback: '10000',
  },
  cors: { argument: '<origins>', help: 'origins whose pages may ask, or * (default: none)' },
  'host-whitelist': {
    argument: '<hosts>',
    help: 'host names under which clients may ask, or *',
    fallback: '*',
  },
  'max-request-bytes': {
    argument: '<bytes>',
    help: 'the largest request body that is accepted',
    fallback: '1572864',
  },
  'max-waiting-requests': {
    argument: '<requests>',
    help: 'watches and requests for locks that may wait at this member at a time',
    fallback: '30000',
  },
  'request-timeout': {
    argument: '<ms>',
    help: 'how long a request waits for the cluster to answer it',
    fallback: '3000',
  },
  'log-level': { argument: '<level>', help: 'debug, info, warn or error', fallback: 'info' },
};

export type SettingKey = keyof typeof settingSchemas;

export const settingKeys = Object.keys(settings) as readonly SettingKey[];

export function environmentName(key: SettingKey | 'config-file'): string {
  return `CONCLAVE_${key.toUpperCase().replaceAll('-', '_')}`;
}

/** NAME=URL of --initial-cluster. */
export interface NamedAddress {
  readonly name: string;
  readonly address: HttpAddress;
}

const nameLengthMax = 128;

function isName(text: string): boolean {
  return text.length <= nameLengthMax && /^[^\s=,/\p{C}]+$/u.test(text);
}

const name = z
  .string()
  .refine(
    isName,
    `must be 1 to ${nameLengthMax} characters, none of them a blank, comma, slash or equals sign`,
  );

function wholeNumber(least: number, most: number, unit: string) {
  return z
    .string()
    .refine(
      (text) => /^\d{1,15}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `must be a whole number of ${unit} from ${least} to ${most}`,
    )
    .transform(Number);
}

function oneOf<const Words extends readonly string[]>(...words: Words) {
  return z.enum(words, { error: `must be one of ${words.join(', ')}` });
}

const addresses = z.string().transform((text, context): readonly HttpAddress[] => {
  const found: HttpAddress[] = [];
  for (const part of parts(text)) {
    const address = parseHttpAddress(part);
    if (typeof address === 'string') return refuse(context, `is wrong: ${address}`);
    found.push(address);
  }
  if (found.length === 0) return refuse(context, 'must name at least one URL');
  return found;
});

const oneAddress = addresses.transform((found, context): HttpAddress => {
  const [first, ...others] = found;
  if (first === undefined || others.length > 0) {
    return refuse(context, 'must be exactly one URL: a member has one peer address');
  }
  return first;
});

const cluster = z.string().transform((text, context): readonly NamedAddress[] => {
  const members: NamedAddress[] = [];
  for (const part of parts(text)) {
    const at = part.indexOf('=');
    const memberName = part.slice(0, Math.max(at, 0));
    if (!isName(memberName))
      return refuse(context, `is wrong: "${part}" is not of the form NAME=URL`);
    const address = parseHttpAddress(part.slice(at + 1));
    if (typeof address === 'string') return refuse(context, `is wrong: ${address}`);
    if (members.some((member) => member.name === memberName)) {
      return refuse(context, `names "${memberName}" twice: a member has one peer address`);
    }
    const same = members.find((member) => member.address.url === address.url);
    if (same !== undefined) {
      return refuse(context, `gives "${same.name}" and "${memberName}" the same URL`);
    }
    members.push({ name: memberName, address });
  }
  if (members.length === 0) return refuse(context, 'must name at least this member');
  return members;
});

const origins = z.string().transform((text, context): readonly string[] => {
  const found = parts(text);
  const bad = found.find((origin) => origin !== '*' && !isOrigin(origin));
  if (bad !== undefined)
    return refuse(context, `is wrong: "${bad}" is not an origin like http://host:port`);
  return found;
});

const hosts = z.string().transform((text, context): readonly string[] => {
  const found = parts(text);
  const bad = found.find((host) => !/^(\*|[\w.-]+|\[[\da-f:.]+\])$/i.test(host));
  if (bad !== undefined)
    return refuse(context, `is wrong: "${bad}" is not a host name or address without a port`);
  if (found.length === 0) return refuse(context, 'must name at least one host, or be *');
  return found;
});

/** Each schema takes the text of a setting and returns its checked value. */
export const settingSchemas = {
  name,
  'data-dir': z.string().min(1, 'must not be empty'),
  'listen-client-urls': addresses,
  'advertise-client-urls': addresses,
  'listen-peer-urls': oneAddress,
  'initial-advertise-peer-urls': oneAddress,
  'initial-cluster': cluster,
  'initial-cluster-state': oneOf('new', 'existing'),
  'initial-cluster-token': z.string().min(1, 'must not be empty'),
  'heartbeat-interval': wholeNumber(10, 5000, 'milliseconds'),
  'election-timeout': wholeNumber(50, 50_000, 'milliseconds'),
  'snapshot-count': wholeNumber(10, 100_000_000, 'entries'),
  cors: origins,
  'host-whitelist': hosts,
  'max-request-bytes': wholeNumber(1024, 3 * 1024 * 1024, 'bytes'),
  'max-waiting-requests': wholeNumber(1, 1_000_000, 'requests'),
  'request-timeout': wholeNumber(100, 600_000, 'milliseconds'),
  'log-level': oneOf('debug', 'info', 'warn', 'error'),
};

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
