/**
 * Makes of each `secret:` reference in a configuration a variable of its own, because `callwire run`
 * reads variables only.
 *
 * @param secrets by the name that Secrets Manager would know them under; each a JSON object
 * @throws Error when a reference leads to no secret
 */
export function asVariables(
  config: string,
  secrets: Readonly<Record<string, string>>,
): { config: string; variables: Record<string, string> } {
  const variables: Record<string, string> = {};
  const rewritten = config.replace(
    /secret:([\w/+=.@-]+)#([\w.-]+)/g,
    (reference, name: string, key: string) => {
      const value: unknown = Object(JSON.parse(secrets[name] ?? '{}'))[key];
      if (typeof value !== 'string') throw new Error(`${reference} leads to no secret`);
      const variable = `SOAK_${name}_${key}`.toUpperCase().replace(/\W/g, '_');
      variables[variable] = value;
      return `env:${variable}`;
    },
  );
  return { config: rewritten, variables };
}
