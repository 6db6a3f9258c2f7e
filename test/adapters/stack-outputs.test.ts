import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stackOutputs } from '../../lib/adapters/stack-outputs.ts';
import { startCloudFormation } from '../support/cloudformation-stand-in.ts';
import type { Listening } from '../support/listen.ts';

const ACCESS = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
};

describe('the outputs of a stack', () => {
  let server: Listening;
  let client: CloudFormationClient;

  beforeAll(async () => {
    server = await startCloudFormation({ Callwire: { BusName: 'bus-1' }, Bare: {} });
    client = new CloudFormationClient({ ...ACCESS, endpoint: server.url });
  });
  afterAll(() => {
    client.destroy();
    server.close();
  });

  it('are read by name', async () => {
    expect(await stackOutputs('Callwire', client)).toEqual({ BusName: 'bus-1' });
    expect(await stackOutputs('Bare', client)).toEqual({});
  });

  it('are undefined for a stack that is not there', async () => {
    expect(await stackOutputs('Callwier', client)).toBeUndefined();
  });

  it('are no guess when CloudFormation cannot be asked', async () => {
    const nowhere = new CloudFormationClient({ ...ACCESS, endpoint: 'http://127.0.0.1:1' });

    await expect(stackOutputs('Callwire', nowhere)).rejects.toThrow('ECONNREFUSED');
  });
});
