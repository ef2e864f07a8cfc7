import { ApiError } from '../../service/api-error.js';

const token = "[\\w!#$%&'*+.^`|~-]+";
const leadingToken = new RegExp(`^${token}`);
const parameter = new RegExp(
  `\\s*;\\s*(${token})\\s*=\\s*(${token}|"(?:\\\\.|[^"\\\\\\r\\n])*")`,
  'y',
);

/**
 * A Content-Type without its parameters. A malformed one is refused in the words of Go's parser.
 */
export function mediaTypeOf(contentType: string): string {
  const semicolon = contentType.indexOf(';');
  const end = semicolon < 0 ? contentType.length : semicolon;
  const mediaType = contentType.slice(0, end).trim().toLowerCase();
  const fault = faultOf(mediaType) ?? faultInParameters(contentType, end);
  if (fault !== undefined) throw new ApiError('invalidForm', `mime: ${fault}`);
  return mediaType;
}

function faultOf(mediaType: string): string | undefined {
  const type = leadingToken.exec(mediaType)?.[0];
  if (type === undefined) return 'no media type';
  const rest = mediaType.slice(type.length);
  if (rest === '') return undefined;
  if (!rest.startsWith('/')) return 'expected slash after first token';
  const subtype = leadingToken.exec(rest.slice(1))?.[0];
  if (subtype === undefined) return 'expected token after slash';
  if (rest.length > subtype.length + 1) return 'unexpected content after media subtype';
  return undefined;
}

function faultInParameters(contentType: string, from: number): string | undefined {
  const values = new Map<string, string>();
  for (let at = from; ; at = parameter.lastIndex) {
    const rest = contentType.slice(at).trim();
    if (rest === '' || rest === ';') return undefined;
    parameter.lastIndex = at;
    const [, name, value] = parameter.exec(contentType) ?? [];
    if (name === undefined || value === undefined) return 'invalid media parameter';
    const known = values.get(name.toLowerCase());
    if (known !== undefined && known !== value) return 'duplicate parameter name';
    values.set(name.toLowerCase(), value);
  }
}
