const unsafe = /[<>&\u2028\u2029]/g;
/** Most keys and values: they need no escape, so that a look at them is all they cost. */
const plain = /^[\w ./:;=+,@#$%*()[\]{}|~!?'-]*$/;

/** A JSON string, escaped as etcd's encoder does it, so that no reader can take it for HTML. */
export function quote(text: string): string {
  if (plain.test(text)) return `"${text}"`;
  return JSON.stringify(text).replace(unsafe, escapeUnit);
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
