const unsafe = /[<>&\u2028\u2029]/g;

/** A JSON string, escaped as etcd's encoder does it, so that no reader can take it for HTML. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(unsafe, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
