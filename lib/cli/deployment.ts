import { stackOutputs } from '../adapters/stack-outputs.ts';
import { UserError } from './failure.ts';

/** One output of a deployed stack. @throws UserError when there is no such stack, or it is not Callwire's */
export async function outputOf(stack: string, name: string): Promise<string> {
  const outputs = await stackOutputs(stack);
  if (outputs === undefined) {
    throw new UserError(
      `There is no stack ${stack} in this account and region. Deploy it (npx cdk deploy), name it with --stack, or check AWS_PROFILE and AWS_REGION.`,
    );
  }
  const value = outputs[name];
  if (value === undefined) {
    throw new UserError(
      `The stack ${stack} has no output ${name}: it is not a Callwire of this version. Name another with --stack, or deploy again.`,
    );
  }
  return value;
}
