/**
 * A line of the log as people read it: time, level, message and the fields, and below it the stack
 * of an error. What is no line of ours stays as it is.
 *
 * @param line one JSON object, as the logger makes it.
 */
export function logText(line: string): string {
  const { time, level, msg, member: _, err, ...fields } = parsed(line);
  if (typeof time !== 'string' || typeof level !== 'string') return line;
  const list = Object.entries(fields).map(([key, value]) => `${key}=${valueText(value)}`);
  const head = [time, level.toUpperCase().padEnd(5), msg, ...list].join(' ').trimEnd();
  return [head, ...errorLines(err)].map((each) => `${withoutControls(each)}\n`).join('');
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  return JSON.parse(line);
}

/** In quotation marks where it would not be seen where it ends, or would break the line. */
function valueText(value: unknown): string {
  if (Array.isArray(value)) return value.map(valueText).join(',');
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[^\s"=,]+$/.test(value) ? value : JSON.stringify(value);
}

/** A terminal would take control characters for orders, and a peer may have sent them. */
function withoutControls(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, (control) => {
    const digits = control.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${digits}`;
  });
}

function errorLines(err: unknown): readonly string[] {
  if (typeof err !== 'object' || err === null) return [];
  const { stack, message }: { readonly stack?: unknown; readonly message?: unknown } = err;
  const text = typeof stack === 'string' ? stack : String(message);
  return text.split('\n').map((line) => `    ${line.trim()}`);
}
