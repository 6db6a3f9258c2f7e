import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { startAwsServer } from '../../lib/local/aws-server.ts';
import { openDatabase } from '../../lib/local/database.ts';
import { createDynamoService } from '../../lib/local/dynamodb/dynamo-service.ts';
import { controlTable } from './control-table.ts';
import { LOCAL } from './sdk.ts';

/** An empty Control table in an embedded DynamoDB. */
export async function embeddedTable() {
  const db = openDatabase(':memory:');
  const service = createDynamoService({ db, now: () => Date.now() });
  service.createTable(controlTable);
  const { endpoint, close } = await startAwsServer({ json: [service] });
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, ...LOCAL }), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return {
    client,
    name: controlTable.name,
    /** The items of a partition whose sort keys begin like this. */
    items: async (pk: string, prefix: string): Promise<Record<string, unknown>[]> => {
      const query = new QueryCommand({
        TableName: controlTable.name,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
      });
      return (await client.send(query)).Items ?? [];
    },
    stop: async () => {
      client.destroy();
      await close();
      db.close();
    },
  };
}
