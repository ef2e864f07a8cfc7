import type { LockSpace } from '../../command/lock-path.js';
import { spaceChangesOf } from '../../lock/change-source.js';
import { ApiError } from '../../service/api-error.js';
import type { ServiceContext } from '../../service/service-context.js';
import type { LocksView } from '../../view/locks-view.js';
import { decimalParameter } from '../parameters.js';
import { stateReply } from '../replies.js';
import type { ApiRequest, RequestHead } from '../server/api-request.js';
import { jsonType, type TextResponse, textType } from '../server/api-response.js';
import type { Parameters } from '../server/form.js';
import { lockSummary } from './lock-summary.js';
import { accepts, readBarrier, waitForChange, waitOf } from './read-options.js';

const namesDefault = 1000;
const namesMax = 10_000;
/** A page ends with the name that makes it longer than this, so that long values stall nobody. */
export const pageLengthMax = 262_144;

interface Page {
  readonly after: string;
  readonly prefix: string;
  readonly max: number;
}

/** Whether the path has no name of a lock. */
export function namesAll({ segments }: RequestHead): boolean {
  return segments.every((segment) => segment === '');
}

/** One page of the names that are held or waited for, in order. */
export async function listNames(
  context: ServiceContext,
  request: ApiRequest,
  space: LockSpace,
): Promise<TextResponse> {
  const { coordinator, wallClock } = context;
  const { state } = coordinator;
  const page = pageOf(request.parameters);
  const wait = waitOf(request.parameters);
  await readBarrier(context, request);
  if (wait !== undefined)
    await waitForChange(context, request, spaceChangesOf(state.locks, space), wait);
  const asJson = accepts(request, jsonType);
  const { lines, next } = linesOf(state.locks, space, page, (name) =>
    asJson ? JSON.stringify(lockSummary(state, space, name, wallClock)) : lineOf(name),
  );
  const body = asJson
    ? `{"index":${state.etcdIndex},"locks":[${lines.join()}],"next":${JSON.stringify(next ?? null)}}\n`
    : lines.join('');
  const reply = stateReply(coordinator, 200, state.etcdIndex, asJson ? jsonType : textType, body);
  if (next === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, Link: linkTo({ ...page, after: next }) } };
}

interface Lines {
  readonly lines: readonly string[];
  /** The last name of this page; undefined when it is the last page. */
  readonly next: string | undefined;
}

function linesOf(
  locks: Pick<LocksView, 'namesFrom'>,
  space: LockSpace,
  { after, prefix, max }: Page,
  toLine: (name: string) => string,
): Lines {
  const lines: string[] = [];
  let length = 0;
  let last: string | undefined;
  for (const name of locks.namesFrom(space, after > prefix ? after : prefix)) {
    if (!name.startsWith(prefix)) break;
    if (name === after) continue;
    if (lines.length === max || length > pageLengthMax) return { lines, next: last };
    const line = toLine(name);
    lines.push(line);
    length += line.length;
    last = name;
  }
  return { lines, next: undefined };
}

/** Escaped as in a path, so that a name with a newline is one line. */
function lineOf(name: string): string {
  return `${name.split('/').map(encodeURIComponent).join('/')}\n`;
}

function linkTo({ after, prefix, max }: Page): string {
  const query = new URLSearchParams({ prefix, after, max: String(max) });
  return `<?${query}>; rel="next"`;
}

function pageOf(parameters: Parameters): Page {
  const cause = `max must be a whole number from 1 to ${namesMax}`;
  const max = decimalParameter(parameters, 'max', 'invalidField', cause) ?? namesDefault;
  if (max < 1 || max > namesMax) throw new ApiError('invalidField', cause);
  return { after: parameters.get('after') ?? '', prefix: parameters.get('prefix') ?? '', max };
}
