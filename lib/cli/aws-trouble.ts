import { UserError } from './failure.ts';

/** What people have to do about errors of the AWS SDK that are theirs to mend, by name. */
const FIXES: Readonly<Record<string, string>> = {
  CredentialsProviderError:
    'There are no AWS credentials here. Sign in (aws sso login), or set AWS_PROFILE.',
  TokenProviderError: 'The AWS sign-in has expired. Sign in again: aws sso login.',
  ExpiredToken: 'The AWS credentials have expired. Sign in again: aws sso login.',
  ExpiredTokenException: 'The AWS credentials have expired. Sign in again: aws sso login.',
  InvalidClientTokenId: 'AWS does not know these credentials. Check AWS_PROFILE.',
  UnrecognizedClientException: 'AWS does not know these credentials. Check AWS_PROFILE.',
  AccessDenied: 'These AWS credentials may not do that. Use some that may.',
  AccessDeniedException: 'These AWS credentials may not do that. Use some that may.',
  ResourceNotFoundException:
    'There is no such table in this account and region. Check AWS_PROFILE, AWS_REGION and the name.',
};

/** @throws UserError instead of an error that the user can mend */
export async function orWithFix<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    if (error.message === 'Region is missing') {
      throw new UserError('No AWS region is chosen. Set AWS_REGION, such as AWS_REGION=eu-west-1.');
    }
    const fix = FIXES[error.name];
    throw fix === undefined ? error : new UserError(`${fix} (${error.message})`);
  }
}
