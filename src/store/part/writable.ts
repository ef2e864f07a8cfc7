/**
 * The same with fields that can be changed, for the one module that makes all changes of a class.
 */
export type Writable<T> = { -readonly [Name in keyof T]: T[Name] };
