/** Headers that a trunk may be told the caller in: RFC 3325, RFC 5806, RFC 7044, RFC 3323. */
export const callerHeaders = [
  'P-Asserted-Identity',
  'P-Preferred-Identity',
  'Remote-Party-ID',
  'Diversion',
  'History-Info',
  'Privacy',
] as const;

export type CallerHeader = (typeof callerHeaders)[number];

/** What a caller template may name in braces: docs/operating/trunks.md. */
export const placeholders = [
  'number',
  'digits',
  'plus',
  'national',
  'virtual',
  'called',
  'username',
  'domain',
] as const;

export type Placeholder = (typeof placeholders)[number];

/** Names in braces that mean nothing; empty: the template is right. */
export function unknownPlaceholders(template: string): readonly string[] {
  const names = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name!);
  return names.filter((name) => !placeholders.includes(name as Placeholder));
}

/** The template with every name in braces replaced. */
export function fillTemplate(
  template: string,
  values: Readonly<Record<Placeholder, string>>,
): string {
  return template.replaceAll(/\{([^{}]*)\}/g, (_, name: Placeholder) => values[name]);
}
