import * as z from 'zod';
import { parseRequest } from './parse-request.ts';
import type { SecretService, ServiceContext } from './services.ts';
import { AwsError } from './services.ts';
import { ACCOUNT, REGION } from './template/identity.ts';

/** The end that Secrets Manager adds to a name in an ARN: a hyphen and six characters of its own. */
const ARN_ENDING = /-[A-Za-z0-9]{6}$/;

const getSchema = z.object({
  SecretId: z.string().min(1),
  VersionStage: z.string().default('AWSCURRENT'),
});

/**
 * Secrets, held in memory only: nothing secret may reach the file of the other services.
 *
 * @param resolve where values come from that were not put, asked anew at each read so that a
 *   rotated value is seen; undefined means that there is no such secret
 */
export function createSecretService(
  { now }: ServiceContext,
  resolve: (name: string) => string | undefined = () => undefined,
): SecretService {
  const secrets = new Map<string, { readonly value: string; readonly createdAt: number }>();

  function find(name: string) {
    const put = secrets.get(name);
    if (put !== undefined) return { name, ...put };
    const value = resolve(name);
    return value === undefined ? undefined : { name, value, createdAt: now() };
  }

  function getSecretValue(input: unknown) {
    const { SecretId, VersionStage } = parseRequest(
      getSchema,
      input,
      (reasons) => new AwsError('InvalidParameterException', reasons),
    );
    const name = SecretId.replace(/^arn:.*:secret:/, '');
    const secret = find(name) ?? find(name.replace(ARN_ENDING, ''));
    if (secret === undefined || VersionStage !== 'AWSCURRENT') {
      throw new AwsError(
        'ResourceNotFoundException',
        "Secrets Manager can't find the specified secret.",
      );
    }

    return {
      ARN: `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${secret.name}-local0`,
      Name: secret.name,
      SecretString: secret.value,
      VersionStages: ['AWSCURRENT'],
      CreatedDate: secret.createdAt / 1000,
    };
  }

  return {
    target: 'secretsmanager',
    handle(operation, input) {
      if (operation === 'GetSecretValue') return getSecretValue(input);
      throw new AwsError('UnknownOperationException', `Secrets Manager has no ${operation} here.`);
    },
    putSecret: (name, value) => void secrets.set(name, { value, createdAt: now() }),
  };
}
