// The keys of arguments are written in camelCase, those of the API in snake_case.

type CamelCase<Text> = Text extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<CamelCase<Tail>>}` : Text;

/** What the API takes, as arguments: in camelCase, and optional values may also be `undefined`, as they are in forms. */
export type Arguments<T> = {
  [Key in keyof T as CamelCase<Key>]: {} extends Pick<T, Key> ? T[Key] | undefined : T[Key];
};

/** Keys that are in snake_case stay as they are, so that a post of the API can be sent back. */
export function snakeCased<Body extends object>(values: Arguments<Body>): Body {
  return renamed(values, (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)) as Body;
}

export function camelCased<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return renamed(values, (key) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
}

function renamed<Value>(values: object, rename: (key: string) => string): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [rename(key), value]));
}
