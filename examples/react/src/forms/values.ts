/** What was typed into a field; no field of these forms takes a file. */
export const text = (values: FormData, name: string) => String(values.get(name) ?? "");
