const surrogateMin = 0xd800;
const surrogateMax = 0xdfff;

/** The order of code points, which is that of UTF-8 bytes and Go's. */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** A surrogate stands for a code point above those of all single units. */
function rank(unit: number): number {
  return unit >= surrogateMin && unit <= surrogateMax ? unit + 0x10000 : unit;
}
