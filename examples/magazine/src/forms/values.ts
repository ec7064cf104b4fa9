/** Form data may hold files, but these forms have text fields only. */
export const textValue = (values: FormData, name: string) => String(values.get(name) ?? "");
