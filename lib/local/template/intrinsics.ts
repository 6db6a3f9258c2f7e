/** What a template's references mean; `ref` and `attribute` throw for what the template does not have. */
export interface Scope {
  ref(logicalId: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
  /** The still unresolved expression of a name in the template's `Conditions`. */
  condition(name: string): unknown;
}

type Evaluate = (argument: unknown, scope: Scope) => unknown;

const PLACEHOLDER = /\$\{(!?)([^}]+)\}/g;

/**
 * Replaces every intrinsic function inside `value` by what it stands for. The functions are those
 * that CDK writes for what this app declares; an unknown one is an error, never passed through.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolveIntrinsics(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) {
    return value
      .map((element) => resolveIntrinsics(element, scope))
      .filter((element) => element !== undefined);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }

  const entries: [string, unknown][] = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && isIntrinsic(only[0])) {
    const [name, argument] = only;
    const evaluate = INTRINSICS[name];
    if (evaluate === undefined) {
      throw new Error(`${name} is not emulated locally`);
    }
    return evaluate(argument, scope);
  }
  return Object.fromEntries(
    entries
      .map(([key, element]) => [key, resolveIntrinsics(element, scope)] as const)
      .filter(([, element]) => element !== undefined),
  );
}

/** `Condition` is left out: as a lone key it also occurs in IAM statements. */
function isIntrinsic(key: string): boolean {
  return key === 'Ref' || key.startsWith('Fn::');
}

const INTRINSICS: Readonly<Record<string, Evaluate>> = {
  Ref: (argument, scope) => {
    const logicalId = text(argument, scope);
    return logicalId === 'AWS::NoValue' ? undefined : scope.ref(logicalId);
  },

  'Fn::GetAtt': (argument, scope) => {
    // In YAML's dotted form the attribute itself may hold dots.
    const [logicalId = '', ...attribute] =
      typeof argument === 'string' ? argument.split('.') : texts(argument, scope);
    return scope.attribute(logicalId, attribute.join('.'));
  },

  'Fn::Join': (argument, scope) => {
    const [separator, parts] = list(argument);
    return texts(resolveIntrinsics(parts, scope), scope).join(text(separator, scope));
  },

  'Fn::Split': (argument, scope) => {
    const [separator, whole] = list(argument);
    return text(whole, scope).split(text(separator, scope));
  },

  'Fn::Select': (argument, scope) => {
    const [index, from] = list(argument);
    const chosen = list(resolveIntrinsics(from, scope))[Number(index)];
    if (chosen === undefined) {
      throw new Error(`Fn::Select: there is no element ${String(index)}`);
    }
    return chosen;
  },

  'Fn::Sub': (argument, scope) => {
    const [pattern, variables] = Array.isArray(argument) ? list(argument) : [argument, {}];
    const given = new Map(Object.entries(Object(resolveIntrinsics(variables, scope))));
    return text(pattern, scope).replace(PLACEHOLDER, (_whole, literal: string, name: string) => {
      if (literal !== '') {
        return `\${${name}}`;
      }
      if (given.has(name)) {
        return text(given.get(name), scope);
      }
      const expression = name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name };
      return text(expression, scope);
    });
  },

  'Fn::If': (argument, scope) => {
    const [condition, whenTrue, whenFalse] = list(argument);
    const holds = resolveIntrinsics(scope.condition(text(condition, scope)), scope);
    return resolveIntrinsics(holds === true ? whenTrue : whenFalse, scope);
  },

  'Fn::Equals': (argument, scope) => {
    const [left, right] = list(argument);
    return text(left, scope) === text(right, scope);
  },
};

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new Error(`Expected a list, got ${JSON.stringify(value)}`);
  }
  return value;
}

function texts(value: unknown, scope: Scope): string[] {
  return list(value).map((element) => text(element, scope));
}

function text(value: unknown, scope: Scope): string {
  const resolved = resolveIntrinsics(value, scope);
  if (typeof resolved === 'string') {
    return resolved;
  }
  if (typeof resolved === 'number' || typeof resolved === 'boolean') {
    return String(resolved);
  }
  throw new Error(`Expected a text, got ${JSON.stringify(resolved)}`);
}
