import { assert } from '../../src/assert.js';

type Tree = string | number | boolean | null | readonly Tree[];
type Fields = Record<string, unknown>;

/** The first item of an encoded value that is none of JSON's own. */
const [array, map, bytes, instance, plain, nothing, constant, again] = [0, 1, 2, 3, 4, 5, 6, 7];

interface Shape {
  readonly number: number;
  readonly prototype: object;
  readonly fields: readonly string[];
}

/**
 * Writes a graph of objects as text and makes it anew, with its classes. Equal graphs give equal
 * texts: the keys of objects and maps are in order. An instance of a class is one however often it
 * is met; plain objects, lists and maps are values, and are copied wherever they are met. What all
 * graphs share is a constant.
 */
export class ObjectCodec {
  readonly #constants: readonly unknown[];
  /** What objects have is told once: here for each class, and for each set of names. */
  readonly #shapes: Shape[] = [];
  readonly #classes = new Map<object, Shape>();
  readonly #plain = new Map<string, Shape>();
  /** Short names for the strings, and back. */
  readonly #names = new Map<string, string>();
  readonly #texts = new Map<string, string>();

  constructor(constants: readonly unknown[]) {
    this.#constants = constants;
  }

  encode(value: unknown): string {
    return JSON.stringify(this.#tree(value, []));
  }

  decode(text: string): unknown {
    return this.#value(JSON.parse(text), []);
  }

  #tree(value: unknown, met: object[]): Tree {
    switch (typeof value) {
      case 'number':
      case 'boolean':
        return value;
      case 'string':
        return this.#nameOf(value);
      case 'undefined':
        return [nothing];
      case 'object':
        return value === null ? null : this.#objectTree(value, met);
      default:
        return this.#constantTree(value);
    }
  }

  #constantTree(value: unknown): Tree {
    const known = this.#constants.indexOf(value);
    assert(known >= 0, `a ${typeof value} can't be written`);
    return [constant, known];
  }

  #objectTree(value: object, met: object[]): Tree {
    if (Array.isArray(value)) return [array, ...value.map((item) => this.#tree(item, met))];
    if (value instanceof Uint8Array) return [bytes, ...value];
    if (value instanceof Map) {
      const pairs = [...value].sort(([one], [other]) => (one < other ? -1 : 1));
      return [map, ...pairs.flat().map((item) => this.#tree(item, met))];
    }
    if (this.#constants.includes(value)) return this.#constantTree(value);
    const prototype: object = Object.getPrototypeOf(value);
    const isPlain = prototype === Object.prototype;
    if (!isPlain) {
      const at = met.indexOf(value);
      if (at >= 0) return [again, at];
      met.push(value);
    }
    const shape = isPlain ? this.#plainShape(value) : this.#classShape(prototype, value);
    const items = shape.fields.map((name) => this.#tree((value as Fields)[name], met));
    return [isPlain ? plain : instance, shape.number, ...items];
  }

  #plainShape(value: object): Shape {
    const fields = Object.keys(value).sort();
    const key = fields.join();
    const shape = this.#plain.get(key) ?? this.#newShape(Object.prototype, fields);
    this.#plain.set(key, shape);
    return shape;
  }

  #classShape(prototype: object, value: object): Shape {
    const fields = Object.keys(value);
    const shape = this.#classes.get(prototype) ?? this.#newShape(prototype, fields.sort());
    this.#classes.set(prototype, shape);
    assert(fields.length === shape.fields.length, 'all instances of a class have its fields');
    return shape;
  }

  #newShape(prototype: object, fields: readonly string[]): Shape {
    const shape = { number: this.#shapes.length, prototype, fields };
    this.#shapes.push(shape);
    return shape;
  }

  #nameOf(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = this.#texts.size.toString(36);
    this.#names.set(text, name);
    this.#texts.set(name, text);
    return name;
  }

  #value(tree: Tree, met: object[]): unknown {
    if (typeof tree === 'string') return this.#texts.get(tree);
    if (!Array.isArray(tree)) return tree;
    const items: readonly Tree[] = tree;
    switch (items[0]) {
      case array:
        return items.slice(1).map((item) => this.#value(item, met));
      case bytes:
        return Uint8Array.from(items.slice(1) as number[]);
      case nothing:
        return undefined;
      case constant:
        return this.#constants[Number(items[1])];
      case again:
        return met[Number(items[1])];
      case map:
        return this.#mapOf(items, met);
      default:
        return this.#object(items, met);
    }
  }

  #mapOf(items: readonly Tree[], met: object[]): ReadonlyMap<unknown, unknown> {
    const made = new Map<unknown, unknown>();
    for (let at = 1; at < items.length; at += 2) {
      const key = this.#value(items[at] ?? null, met);
      made.set(key, this.#value(items[at + 1] ?? null, met));
    }
    return made;
  }

  #object(items: readonly Tree[], met: object[]): object {
    const shape = this.#shapes[Number(items[1])];
    assert(shape !== undefined, 'an object of unknown shape');
    const made: Fields = Object.create(shape.prototype);
    if (items[0] === instance) met.push(made);
    for (const [at, name] of shape.fields.entries()) {
      made[name] = this.#value(items[at + 2] ?? null, met);
    }
    return made;
  }
}
