import type { Assembly } from './assembly.ts';
import { ACCOUNT, type Identity, REGION } from './identity.ts';
import type { Scope } from './intrinsics.ts';

/** The meaning of references within one stack. */
export function scopeOf(
  { stackName, template }: Assembly,
  identities: ReadonlyMap<string, Identity>,
): Scope {
  const pseudo: Readonly<Record<string, string>> = {
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stackName}/local`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
  const mustExist = (logicalId: string) => {
    if (template.Resources[logicalId] === undefined) {
      throw new Error(`the template refers to ${logicalId} and does not have it`);
    }
  };
  return {
    ref: (logicalId) => {
      const known = pseudo[logicalId] ?? template.Parameters[logicalId]?.Default;
      if (known !== undefined) {
        return known;
      }
      mustExist(logicalId);
      return identities.get(logicalId)?.ref ?? notEmulated(logicalId);
    },
    attribute: (logicalId, attribute) => {
      mustExist(logicalId);
      const identity = identities.get(logicalId);
      const value = identity?.attributes[attribute];
      if (identity !== undefined && value === undefined) {
        throw new Error(`${attribute} of ${logicalId} is not emulated locally`);
      }
      return value ?? notEmulated(`${logicalId}.${attribute}`);
    },
    condition: (name) => template.Conditions[name],
  };
}

/**
 * What is not executed (a dashboard, a log group) may still be named, in an output for instance. It gets
 * a value that nobody can take for a working one.
 */
function notEmulated(what: string): string {
  return `not-emulated:${what}`;
}
